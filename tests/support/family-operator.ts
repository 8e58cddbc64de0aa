/** A report for which runs begin other runs, two deep: a list of companies, each of them in several parts. */
import { operator, workflow } from "openvibe";
import { z } from "zod";

const Part = z.object({ n: z.number().default(0), pause_ms: z.number().default(0) });
const part = workflow("part", { state: Part })
  .wait("look", { until: (s, ctx) => ctx.now() + s.pause_ms })
  .node("double", (s) => ({ n: s.n * 2 }));

const Company = z.object({ n: z.number().default(0), pause_ms: z.number().default(0), parts: z.array(z.number()).default([]) });
const company = workflow("company", { state: Company }).each("parts", {
  workflow: part,
  items: ({ n }) => [n, n + 1, n + 2],
  concurrency: 2,
  input: (n, _, { pause_ms }) => ({ n, pause_ms }),
  map: (parts) => ({ parts: parts.map(({ n = -1 }) => n) }),
});

const Report = z.object({
  companies: z.array(z.number()).default([]),
  pause_ms: z.number().default(0),
  found: z.array(z.array(z.number())).default([]),
  sum: z.number().default(0),
});
const report = workflow("report", { state: Report })
  .each("companies", {
    workflow: company,
    items: (s) => s.companies,
    concurrency: 3,
    input: (n, _, { pause_ms }) => ({ n, pause_ms }),
    map: (all) => ({ found: all.map(({ parts = [] }) => parts) }),
  })
  .run("sum", {
    workflow: part,
    input: (s) => ({ n: s.found.flat().reduce((sum, n) => sum + n, 0), pause_ms: s.pause_ms }),
    map: ({ n = -1 }) => ({ sum: n }),
  });

export default operator("family", { name: "Family", workflows: [report, company, part] });
