/** `pnpm demo`: the main job in one process, with a played model on loopback. No key and no other server is needed. */
import { startAnthropicLoopback } from "@openvibe/testing";
import { isOpenVibeError, serve } from "openvibe";
import companyIntel from "../company_intel/index.ts";
import hello from "../hello/index.ts";
import { createFixedCrm, createRevenueOps } from "../revenue_ops/index.ts";
import { DEMO_CONTACTS, scriptedReply } from "../testing/scripted-replies.ts";
import { showRun } from "./show-run.ts";

const model = await startAnthropicLoopback({ reply: scriptedReply, delayMs: 150 });
process.env.OPENVIBE_LLM = "anthropic";
process.env.OPENVIBE_LLM_BASE_URL = model.url;
process.env.ANTHROPIC_API_KEY = "demo";

const revenueOps = createRevenueOps({ crm: createFixedCrm(DEMO_CONTACTS) });
const { url } = await serve([hello, companyIntel, revenueOps], { store: ":memory:" }).catch((error: unknown) => {
  if (!isOpenVibeError(error)) throw error;
  process.stderr.write(`demo: ${error.message}\n`);
  process.exit(3); // what `openvibe serve` says to a wrong configuration
});

process.stdout.write("\nA lead arrives: POST /v1/operators/revenue_ops/activate {trigger: new_lead, input: {contact_id: lead_sales}}\n\n");
await showRun(url, "revenue_ops", "new_lead", { contact_id: "lead_sales", source: "demo" });

process.stdout.write(`
The model proposes a route (score.route); the operator's rules decide it (route).
The server stays up; the model is played by a script in this process. Go on in a second terminal with:
  curl -X POST ${url}/v1/operators/revenue_ops/activate -H 'content-type: application/json' -H 'prefer: wait=30' -d '{"trigger":"new_lead","input":{"contact_id":"lead_nurture"}}'
  curl -X POST ${url}/v1/operators/hello/activate -H 'content-type: application/json' -H 'prefer: wait=30' -d '{"trigger":"greet","input":{}}'
  curl ${url}/v1/runs
  curl ${url}/v1/context/context-leads/lead_sales.qualification
  curl -N ${url}/v1/events/stream     # what happens from now on: start a run beside it
Ctrl-C stops it.
`);
