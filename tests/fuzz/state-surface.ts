/** What a step may hand back as its patch of the state: kept, or the run fails and says why. */
import { PROBLEMS } from "@openvibe/core";
import { type Surface, shown, showsInsides } from "./surface.ts";

const FIELDS = ["text", "number", "flag", "list", "anything"];

export const stateSurface: Surface = {
  name: "patches of the state",
  weight: 4,
  async attempt(make, { client }) {
    const good = Object.fromEntries(FIELDS.filter(() => make.oneIn(2)).map((field) => [field, make.json()]));
    const text = JSON.stringify(make.oneIn(3) ? make.json() : make.bend(good)).slice(0, make.oneIn(10) ? make.between(0, 50) : undefined);
    const sent = shown(text);
    const { status, body } = await client.call(
      "POST",
      "/v1/operators/fuzz/activate",
      { trigger: "shape", input: { text } },
      { prefer: "wait=60" },
    );
    const run = body as { status?: string; error?: { code: string; message: string } };
    const told = JSON.stringify(body).slice(0, 600);
    if (status !== 200) return { sent, fault: `the run did not end: ${status} ${told}` };
    if (run.status === "completed") return { sent };
    const { code = "", message = "" } = run.error ?? {};
    const isSaid = run.status === "failed" && code in PROBLEMS && code !== "OV_INTERNAL" && message !== "" && !showsInsides(message);
    return isSaid ? { sent } : { sent, fault: `the run does not say what was wrong: ${told}` };
  },
};
