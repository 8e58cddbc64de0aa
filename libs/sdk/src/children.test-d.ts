/** What compiles and what does not of steps that begin other runs. Checked by `tsc`, as `types.test-d.ts` is. */
import { z } from "zod";
import { workflow } from "./index.ts";

const Company = z.object({ name: z.string().default(""), employees: z.number().default(0) });
const research = workflow("research", { state: Company }).node("look", () => ({ employees: 1 }));

const Lead = z.object({
  company: z.string().default(""),
  employees: z.number().default(0),
  names: z.array(z.string()).default([]),
  found: z.object({ name: z.string(), employees: z.number() }).optional(),
  all: z.array(z.object({ employees: z.number() })).default([]),
  ends: z.array(z.unknown()).default([]),
});
const lead = () => workflow("lead", { state: Lead });
const each = { workflow: research, items: (s: { names: string[] }) => s.names, input: (name: string) => ({ name }) } as const;

// --- what compiles ---------------------------------------------------------------------------------------------------------------------------
lead()
  .run("r1", { workflow: research })
  .run("r2", { workflow: research, input: (s, ctx) => ({ name: `${s.company}${ctx.attempt}` }), output: "found", timeout: "1h" })
  .run("r3", { workflow: research, input: async () => ({}), map: (its, s) => ({ employees: (its.employees ?? 0) + s.employees }) })
  .run("r4", { workflow: research, onFailure: "fail", when: (s) => s.employees > 0 })
  .run("r5", { workflow: research, onFailure: ({ status, error }) => ({ company: `${status} ${error?.code}` }), output: "found" })
  .run("r6", {
    operator: "company_intel",
    workflow: "research",
    input: () => ({ anything: [1] }),
    map: (its) => ({ employees: Number(its.n) }),
  })
  .run("r7", { workflow: "lead", output: "found" })
  .run("r8", { operator: "company_intel", workflow: research, map: async ({ employees }) => ({ employees }) })
  .each("e1", { ...each, output: "all" })
  .each("e2", { ...each, concurrency: 100, maxItems: 10_000, timeout: "1d", map: (all) => ({ employees: all.length }) })
  .each("e3", { ...each, onFailure: "skip", map: (all) => ({ employees: all[0]?.employees }) })
  .each("e4", {
    ...each,
    onFailure: "collect",
    map: (all) => ({ company: all.map((one) => (one.status === "completed" ? one.output.name : one.error?.code)).join() }),
  })
  .each("e5", { ...each, onFailure: "collect", output: "ends" })
  .each("e6", { workflow: research, items: () => [1, 2], input: (n, index, s) => ({ employees: n + index + s.employees }) })
  .each("e7", { operator: "company_intel", workflow: "research", items: async () => ["a"], input: (name) => ({ name }), output: "ends" });

// --- what does not ---------------------------------------------------------------------------------------------------------------------------
// @ts-expect-error no workflow
lead().run("r", {});
// @ts-expect-error a workflow is a value or an id
lead().run("r", { workflow: 1 });
// @ts-expect-error a field that the child has not
lead().run("r", { workflow: research, input: () => ({ name: "a", nope: 1 }) });
// @ts-expect-error a value of another type
lead().run("r", { workflow: research, input: () => ({ name: 1 }) });
// @ts-expect-error a field of the state that is not there
lead().run("r", { workflow: research, input: (s) => ({ name: s.nope }) });
// @ts-expect-error a field that takes no such output
lead().run("r", { workflow: research, output: "company" });
// @ts-expect-error a field that is not there
lead().run("r", { workflow: "research", output: "nope" });
// @ts-expect-error output or map
lead().run("r", { workflow: research, output: "found", map: () => ({}) });
// @ts-expect-error map gives an unknown field
lead().run("r", { workflow: research, map: () => ({ nope: 1 }) });
// @ts-expect-error map gives a field of another type
lead().run("r", { workflow: research, map: () => ({ employees: "1" }) });
// @ts-expect-error the child has no such output
lead().run("r", { workflow: research, map: (its) => ({ company: its.nope }) });
// @ts-expect-error an output may be missing
lead().run("r", { workflow: research, map: (its) => ({ company: its.name.trim() }) });
// @ts-expect-error a failure's patch has an unknown field
lead().run("r", { workflow: research, onFailure: () => ({ nope: 1 }) });
// @ts-expect-error nothing is skipped where there is one
lead().run("r", { workflow: research, onFailure: "skip" });
// @ts-expect-error a failure has no output
lead().run("r", { workflow: research, onFailure: (failure) => ({ company: failure.output }) });
// @ts-expect-error no such option
lead().run("r", { workflow: research, concurrency: 3 });
// @ts-expect-error no duration
lead().run("r", { workflow: research, timeout: "soon" });
// @ts-expect-error the name is taken
lead().run("r", { workflow: research }).run("r", { workflow: research });
// @ts-expect-error a condition is true or false
lead().each("e", { ...each, when: (s) => s.employees });
// @ts-expect-error no items
lead().each("e", { workflow: research, input: () => ({}) });
// @ts-expect-error no input
lead().each("e", { workflow: research, items: () => [1] });
// @ts-expect-error items are a list
lead().each("e", { workflow: research, items: (s) => s.employees, input: () => ({}) });
// @ts-expect-error a field that the child has not
lead().each("e", { workflow: research, items: () => [1], input: () => ({ nope: 1 }) });
// @ts-expect-error an item is what the list holds
lead().each("e", { workflow: research, items: (s) => s.names, input: (name) => ({ employees: name }) });
// @ts-expect-error a field that takes no list
lead().each("e", { ...each, output: "found" });
// @ts-expect-error a field that takes no list of outputs
lead().each("e", { ...each, output: "names" });
// @ts-expect-error not one of the three
lead().each("e", { ...each, onFailure: "ignore" });
// @ts-expect-error ends have a status, and outputs only where it says so
lead().each("e", { ...each, onFailure: "collect", map: (all) => ({ employees: all[0]?.employees }) });
// @ts-expect-error outputs have no status
lead().each("e", { ...each, map: (all) => ({ company: all[0]?.status }) });
// @ts-expect-error map gives an unknown field
lead().each("e", { ...each, map: () => ({ nope: 1 }) });
// @ts-expect-error a number
lead().each("e", { ...each, concurrency: "3" });
