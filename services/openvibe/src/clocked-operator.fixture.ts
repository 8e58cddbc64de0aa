/** An operator that the clock starts, for the tests of what starts it. */
import { operator, workflow } from "openvibe";
import { z } from "zod";

const Report = z.object({ slot: z.string().default("") });

const report = workflow("report", {
  state: Report,
  triggers: { yearly: "cron:0 3 1 1 * Europe/Berlin", often: { on: "cron:* * * * *", catchUp: "none" }, by_hand: "on_demand" },
}).node("note", (_state, ctx) => ({ slot: ctx.tags.slot ?? "by hand" }));

export default operator("clocked", { name: "Clocked", workflows: [report] });
