/** An operator that the clock starts every minute by several triggers, and that makes good what was missed. */
import { operator, workflow } from "openvibe";
import { z } from "zod";

const Report = z.object({ slot: z.string().default("") });
const often = { on: "cron:* * * * *", catchUp: "all" } as const;

const report = workflow("report", {
  state: Report,
  triggers: { first: often, second: often, third: { ...often, on: "cron:* * * * * Asia/Kolkata" } },
}).node("note", (_state, ctx) => ({ slot: ctx.tags.slot ?? "" }));

export const clocked = operator("clocked", { name: "Clocked", workflows: [report] });
