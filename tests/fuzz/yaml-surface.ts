/** Operators as they come over HTTP, in YAML and JSON: one that can run, or one refusal in words. */
import { isOpenVibeError, type JsonValue } from "@openvibe/core";
import { compilePosted, readPosted, toHandlerTable } from "@openvibe/sdk/yaml";
import type { Maker } from "./maker.ts";
import { type Surface, shown } from "./surface.ts";

const WITHIN_MS = 5_000;

export const yamlSurface: Surface = {
  name: "operators in YAML",
  weight: 8,
  async attempt(make) {
    const body = make.oneIn(2) ? { json: make.oneIn(8) ? make.json() : make.bend(GOOD) } : { yaml: textOf(make) };
    const sent = "yaml" in body ? shown(body.yaml) : JSON.stringify(body.json);
    const begun = performance.now();
    try {
      const { source, definition } = readPosted(body, HANDLERS.keys());
      const again = compilePosted(source, HANDLERS);
      if (again.version !== definition.version)
        return { sent, fault: `what was kept has version ${again.version}, not ${definition.version}` };
    } catch (error) {
      if (!isOpenVibeError(error, "OV_DEFINITION_INVALID"))
        return { sent, fault: `thrown was ${String((error as Error)?.stack ?? error)}` };
      if (error.message.trim() === "" || error.message.includes("\n    at ")) return { sent, fault: `refused with ${error.message}` };
    }
    const tookMs = Math.round(performance.now() - begun);
    return tookMs > WITHIN_MS ? { sent, fault: `took ${tookMs} ms` } : { sent };
  },
};

const HANDLERS = toHandlerTable({ desk: { w: { think: () => ({}), bump: () => ({}) } } }, (what) => new Error(what));

const GOOD: JsonValue = {
  id: "desk",
  name: "Desk",
  state: { name: "string", score: { type: "number", min: 0, default: 5 }, stage: { enum: ["hot", "cold"] }, ok: "boolean" },
  answers: { ask: { workflow: "w", reply: ["name"] } },
  workflows: [
    {
      id: "w",
      triggers: { one: "on_demand", two: "cron:0 7 * * 1-5 Europe/Berlin" },
      timeout: "5m",
      nodes: [
        { id: "write", type: "llm", model: "haiku", system: "You.", prompt: "Hello {{name}} \\{{", output: "name", retries: 2 },
        { id: "judge", type: "llm", model: "sonnet", prompt: "Judge", outputs: ["score"] },
        { id: "think", type: "logic", retries: { attempts: 3, backoff: "1s" } },
        { id: "again", type: "loop", while: "score < 3 and not ok", max_iterations: 3, nodes: [{ id: "bump", type: "logic" }] },
        {
          id: "stage",
          type: "conditional",
          routes: {
            hot: {
              when: 'score >= 80 or name in ["a", "b"]',
              nodes: [{ id: "ask", type: "human", prompt: "{{name}}?", answer: ["ok"], timeout: "1h" }],
            },
            cold: null,
          },
        },
        { id: "rest", type: "wait", duration: "3d" },
      ],
    },
  ],
};

const YAML = `operators:
  - id: desk
    name: Desk
    workflows:
      - id: w
        nodes: &all
          - id: ask
            type: llm
            model: haiku # cheap
            prompt: |
              Hello {{name}}
          - { id: way, type: conditional, field: ask, routes: { a: , b: [{ id: rest, type: wait, duration: 1s }] } }
`;
const BITS = [
  "&a [*a]",
  "*all",
  "!!js/function x",
  "<<: *all",
  "? [a]\n: b",
  "---\n",
  "\t",
  "%YAML 9.9\n",
  "'",
  '"\\q"',
  "|",
  "$" + "{X}",
  "{{",
  "}}",
  "null",
  "[]",
];

function textOf(make: Maker): string {
  const at = make.between(0, YAML.length);
  const text = make.oneIn(3) ? YAML : `${YAML.slice(0, at)}${make.pick(BITS)}${YAML.slice(at)}`;
  return make.oneIn(2) ? text : make.damage(Buffer.from(text)).toString("utf8");
}
