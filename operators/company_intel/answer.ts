import { type AnswerOf, OpenVibeError } from "openvibe";
import { isJsonObject } from "../shared/reply-object.ts";
import { toIntelRecord } from "./records.ts";
import type { research } from "./research.ts";

/** `company_intel.research`: `{company}` is looked up, the whole result is the answer. */
export const researchAnswer: AnswerOf<typeof research> = {
  workflow: "research",
  input(body) {
    const company = isJsonObject(body) ? body.company : undefined;
    if (typeof company === "string") return { company_name: company };
    throw new OpenVibeError("OV_REQUEST_INVALID", 'company_intel.research: the body must be {"company": "<name>"}');
  },
  reply({ runId, output: { company_name = "", prospect_quality = "", research = "", analysis = "", report = "" } }) {
    return { ...toIntelRecord({ company_name, prospect_quality, research, analysis }), report, run_id: runId };
  },
};
