/** Rows 57 to 73 of the table of bad input, where operators are written in YAML: what is told, and where. Files are the business of who reads them. */
import { describe, expect, test } from "vitest";
import { readOperatorsYaml } from "./index.ts";

const ENV = { MODEL: "haiku", REGION: "emea" };

/** One workflow with these nodes, each line of them indented as it stands. */
const withNodes = (nodes: string, workflow = "") => `operators:
  - id: desk
    name: Desk
    workflows:
      - id: w
${workflow}        nodes:
${nodes}`;
const ASK = "          - { id: ask, type: llm, model: haiku, prompt: Hello }\n";
const withTrigger = (trigger: string) => withNodes(ASK, `        trigger: "${trigger}"\n`);
const withKey = (line: string) =>
  withNodes(`          - id: ask\n            type: llm\n            model: haiku\n            prompt: Hello\n            ${line}\n`);

function refusalOf(text: string): { readonly message: string; readonly code: string } {
  try {
    readOperatorsYaml(text, { name: "operators.yaml", env: ENV }).compile({ prompts: new Map(), handlers: new Map() });
  } catch (error) {
    const { message, code } = error as { readonly message: string; readonly code: string };
    return { message, code };
  }
  return { message: "it was accepted", code: "" };
}

const withTriggers = (trigger: string) => withNodes(ASK, `        triggers:\n          one: ${trigger}\n`);
const oddTriggers: readonly [row: string, text: string, told: string][] = [
  ["69: one of several", withTriggers('"cron:61 * * * *"'), 'operators.yaml:7:16 operator desk, workflow w, trigger one: trigger "cron:61'],
  [
    "69: one with options",
    withTriggers('{ on: "cron:61 * * * *", catch_up: all }'),
    "operators.yaml:7:22 operator desk, workflow w, trigger one",
  ],
  ["11: a trigger that is a number", withTriggers("7"), "operators.yaml:7:16 one must be a text, not number 7: put it in quotes"],
  [
    "59: a misspelt option",
    withTriggers('{ on: "event:a", fliter: { a: 1 } }'),
    'operators.yaml:7:33 there is no key "fliter" here; did you mean "filter"?',
  ],
  [
    "59: the option of the other spelling",
    withTriggers('{ on: "cron:0 7 * * *", catchUp: all }'),
    'operators.yaml:7:40 there is no key "catchUp" here; did you mean "catch_up"?',
  ],
  ["59: options of nothing", withTriggers("{ filter: { a: 1 } }"), "operators.yaml:7:16 one needs on"],
  [
    "69: a catch-up that is none",
    withTriggers('{ on: "cron:0 7 * * *", catch_up: first }'),
    "operators.yaml:7:50 catch_up must be last, none or all",
  ],
  [
    "69: a catch-up of an event",
    withTriggers('{ on: "event:a", catch_up: all }'),
    "operators.yaml:7:43 operator desk, workflow w, trigger one: catch_up is for cron; this trigger is none",
  ],
  [
    "69: a filter of the clock",
    withTriggers('{ on: "cron:0 7 * * *", filter: { a: 1 } }'),
    "operators.yaml:7:48 operator desk, workflow w, trigger one: filter is for events; this trigger is none",
  ],
  [
    "69: a filter by a list",
    withTriggers('{ on: "event:a", filter: { a: [1] } }'),
    "operators.yaml:7:46 a must be a text, a number, true, false or null",
  ],
  [
    "69: a filter that is a condition",
    withTriggers('{ on: "event:a", filter: a > 1 }'),
    "operators.yaml:7:41 filter must be a mapping, not string a > 1",
  ],
  [
    "69: a filter of nothing",
    withTriggers('{ on: "event:a", filter: {} }'),
    "operators.yaml:7:41 operator desk, workflow w, trigger one: filter must be an object of 1 to 8 fields",
  ],
  [
    "69: a filter by a path with a hole",
    withTriggers('{ on: "event:a", filter: { "a..b": 1 } }'),
    'trigger one: filter "a..b" is no field',
  ],
  [
    "59: a misspelt option of how often",
    withTriggers('{ on: "event:a", debounce: { wait: 30s, mox: 5m } }'),
    'operators.yaml:7:56 there is no key "mox" here; did you mean "max"?',
  ],
  [
    "69: a batch of one",
    withTriggers('{ on: "event:a", batch: { size: 1, wait: 30s } }'),
    "operators.yaml:7:40 operator desk, workflow w, trigger one, batch, size: 1 is none; allowed is a whole number from 2 to 100",
  ],
  [
    "69: how often, of the clock",
    withTriggers('{ on: "cron:0 7 * * *", concurrency: 2 }'),
    "operators.yaml:7:53 operator desk, workflow w, trigger one: concurrency is for events and changes of context",
  ],
  [
    "69: two ways of how often",
    withTriggers('{ on: "event:a", rate: { limit: 5, per: 1m }, singleton: skip }'),
    "trigger one: rate and singleton do not go together",
  ],
];

describe("operators in YAML", () => {
  test.each<[row: string, text: string, told: string]>([
    ["57: a tab for an indent", "operators:\n\t- id: desk\n", "operators.yaml:2:1 has a tab in its indent"],
    ["57: a quote that is not closed", "operators:\n  - id: 'desk\n", "operators.yaml:3:1 is not valid YAML: Missing closing 'quote"],
    [
      "58: a key twice",
      "operators:\n  - id: desk\n    name: Desk\n    id: dosk\n",
      "operators.yaml:4:5 says the key id twice, first in line 2",
    ],
    ["58: two nodes of one id", withNodes(ASK + ASK), "operators.yaml:8:19 there is a node ask already, at operators.yaml:7:19"],
    [
      "58: two nodes of one id, one of them in a route",
      withNodes(
        `${ASK}          - { id: way, type: conditional, field: ask, routes: { a: [{ id: ask, type: wait, duration: 1s }], b: } }\n`,
      ),
      "operators.yaml:8:75 there is a node ask already, at operators.yaml:7:19",
    ],
    [
      "58: two workflows of one id",
      `${withNodes(ASK)}      - id: w\n        nodes:\n${ASK}`,
      "operators.yaml:8:13 there is a workflow w already, at operators.yaml:5:13",
    ],
    [
      "58: two operators of one id",
      `${withNodes(ASK)}  - id: desk\n    name: D\n    workflows: [{ id: w, nodes: [{ id: a, type: wait, duration: 1s }] }]\n`,
      "operators.yaml:8:9 there is an operator desk already, at operators.yaml:2:9",
    ],
    [
      "59: a misspelt key of a node",
      withKey("max_tokns: 100"),
      'operators.yaml:11:13 there is no key "max_tokns" here; did you mean "max_tokens"?',
    ],
    ["59: promt_file", withKey("promt_file: a.md"), 'operators.yaml:11:13 there is no key "promt_file" here; did you mean "prompt_file"?'],
    [
      "59: a misspelt key of a workflow",
      withNodes(ASK, "        triger: on_demand\n"),
      'operators.yaml:6:9 there is no key "triger" here; did you mean "trigger"?',
    ],
    [
      "59: a misspelt key that is needed",
      withKey("output: x").replace("model:", "modle:"),
      'operators.yaml:9:13 there is no key "modle" here; did you mean "model"?',
    ],
    [
      "59: a misspelt type",
      withNodes("          - { id: ask, type: lim, model: haiku }\n"),
      'there is no node of type "lim"; did you mean "llm"?',
    ],
    ["59: a type by its other name", withNodes("          - { id: ask, type: node }\n"), "in YAML it is logic"],
    [
      "59: a misspelt field of a declared state",
      withNodes(ASK.replace("Hello }", '"Hello {{nmae}}", output: name }'), "        state: { name: string }\n"),
      'operators.yaml:8:57 "nmae" is not a field of the state; did you mean "name"?',
    ],
    [
      "59: a misspelt field in a condition",
      withNodes(
        "          - { id: way, type: conditional, routes: { a: { when: scroe > 1 }, b: } }\n",
        "        state: { score: number }\n",
      ),
      '"scroe" is not a field of the state; did you mean "score"?',
    ],
    [
      "60: a file where there are none",
      withNodes("          - { id: ask, type: llm, model: haiku, prompt_file: a.md }\n"),
      "operators.yaml:7:62 there are no files here",
    ],
    ["63: an alias bomb", bomb(), "uses too many aliases"],
    ["63: an alias of itself", "operators: &a [*a]\n", "operators.yaml"],
    ["63: an alias of nothing", "operators: [*nothing]\n", "operators.yaml"],
    ["63: 100,000 lists in each other", `operators: ${"[".repeat(100_000)}`, "operators.yaml"],
    ["64: a tag of another language", withKey('output: !!js/function "x"'), "operators.yaml:11:21 has a tag that YAML does not know"],
    [
      "64: a tag of Python",
      withKey("output: !!python/object/apply:os.system [ls]"),
      "operators.yaml:11:21 has a tag that YAML does not know",
    ],
    [
      "65: a number for an id",
      "operators:\n  - id: 012\n    name: x\n    workflows: []\n",
      "operators.yaml:2:9 id must be a text, not number 012: put it in quotes",
    ],
    ["65: a fraction for an id", "operators:\n  - id: 1.0\n", "operators.yaml:2:9 id must be a text, not number 1.0: put it in quotes"],
    ["65: no for an id", withNodes(ASK).replace("id: desk", "id: no"), "operators.yaml:2:9 id must be a text: put no in quotes"],
    [
      "65: a date for an id",
      withNodes(ASK).replace("id: desk", "id: 2026-01-01"),
      "operators.yaml:2:9 id must be a text: put 2026-01-01 in quotes",
    ],
    ["65: true for a text", withKey("output: true"), "operators.yaml:11:21 output must be a text, not boolean true: put it in quotes"],
    ["66: __proto__", withKey("__proto__: { output: x }"), "operators.yaml:11:13 the key __proto__ is reserved"],
    [
      "67: no routes",
      withNodes("          - { id: way, type: conditional, field: x, routes: {} }\n"),
      "a conditional needs at least one route",
    ],
    [
      "67: a way to a node that is not there",
      withNodes(`${ASK}          - { id: way, type: conditional, field: ask, routes: { a: { goto: aks }, b: } }\n`),
      'operators.yaml:8:76 operator desk, workflow w, step way, route "a": leads to "aks", which is no step; did you mean "ask"?',
    ],
    [
      "67: a way and nodes",
      withNodes("          - { id: way, type: conditional, field: x, routes: { a: { end: true, goto: way } } }\n"),
      "a route has nodes, or goto, or end: one of them at most",
    ],
    ["71: a fallback that is none", withKey("fallback: [sonet]"), 'operators.yaml:11:24 there is no model "sonet": did you mean "sonnet"?'],
    [
      "67: a route whose way is no list",
      withNodes("          - { id: way, type: conditional, field: x, routes: { a: ask } }\n"),
      "operators.yaml:7:66",
    ],
    [
      "67: nothing that picks",
      withNodes("          - { id: way, type: conditional, routes: { a: , b: } }\n"),
      "operators.yaml:7:13 nothing picks a route",
    ],
    [
      "68: a logic node without its handler",
      withNodes("          - { id: decide, type: logic }\n"),
      'operators.yaml:7:13 a logic node needs its handler: (operator desk, workflow w, node decide) export default { desk: { w: { decide: (state, ctx) => … } } } from logic_handlers.ts beside the file, or runtime.handler("desk", "w", "decide", (state, ctx) => …)',
    ],
    [
      "69: a minute of 61",
      withTrigger("cron:61 * * * *"),
      'operators.yaml:6:18 operator desk, workflow w, trigger w: trigger "cron:61 * * * *": minute "61": 61 is not allowed',
    ],
    ["69: four fields", withTrigger("cron:* * * *"), "has 4 parts; allowed are five fields and a time zone"],
    ["69: a time zone that is none", withTrigger("cron:0 7 * * * Mars/Olympus"), '"Mars/Olympus" is no time zone'],
    ...oddTriggers,
    ["70: 3 dayz", withKey("timeout: 3 dayz"), "operators.yaml:11:22 timeout must be a duration"],
    ["70: -1", withKey("timeout: -1"), "operators.yaml:11:22 operator desk, workflow w, step ask, timeout: -1 is no duration"],
    ["70: 0", withKey("timeout: 0"), "operators.yaml:11:22 operator desk, workflow w, step ask, timeout: 0 is no duration"],
    ["70: 1e12", withKey("timeout: 1e12"), "timeout: 1000000000000 is no duration"],
    [
      "71: a model that is none",
      withKey("output: x").replace("model: haiku", "model: haikuu"),
      'operators.yaml:9:20 there is no model "haikuu": did you mean "haiku"?',
    ],
    ["72: two documents", "operators: []\n---\noperators: []\n", "operators.yaml:2:1 begins a second document; a file holds one"],
    ["72: an empty file", "", 'operators.yaml is empty; it begins with "operators:"'],
    ["72: comments only", "# nothing\n", 'operators.yaml is empty; it begins with "operators:"'],
    ["72: a list at the top", "- id: desk\n", "operators.yaml:1:1 a list stands at the top"],
    ["73: a variable that is not set", withKey("output: $" + "{MISSING}"), "operators.yaml:11:21 the variable MISSING is not set"],
    ["73: a misspelt variable", withKey("output: $" + "{REGIN}"), 'the variable REGIN is not set; did you mean "REGION"?'],
    ["73: a placeholder that names none", withKey("output: $" + "{}"), "names no variable"],
  ])("%s", (_row, text, told) => {
    const started = performance.now();
    const { message, code } = refusalOf(text);

    expect(message).toContain(told);
    if (told !== "it was accepted") expect(code).toBe("OV_DEFINITION_INVALID");
    expect(message).not.toContain("\u0000");
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test.each<[string, string]>([
    ["72: a byte order mark", `\uFEFF${withNodes(ASK)}`],
    ["72: lines that end as on Windows", withNodes(ASK).replaceAll("\n", "\r\n")],
    ["70: thirty days", withKey("timeout: 30d")],
    ["73: variables that are set", withKey(`output: x_$${""}{REGION}`).replace("model: haiku", "model: $" + "{MODEL}")],
    ["65: an id in quotes", withNodes(ASK).replace("id: desk", 'id: "no"')],
  ])("%s is fine", (_row, text) => {
    expect(refusalOf(text).message).toBe("it was accepted");
  });

  test("the line is shown, with a mark under the place", () => {
    expect(refusalOf(withKey("promt_file: a.md")).message.split("\n").slice(1)).toEqual([
      "  11 |             promt_file: a.md",
      "                   ^",
    ]);
  });

  test("of several faults the first in the file is told, and how many there are", () => {
    const { message } = refusalOf(withKey("max_tokns: 100\n            otput: x"));

    expect(message).toContain("operators.yaml:11:13");
    expect(message).toContain("(and 1 more)");
  });
});

/** Grows to billions. */
function bomb(): string {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
  const lists = names.map(
    (name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => (index === 0 ? "x" : `*${names[index - 1]}`)).join(", ")}]`,
  );
  return `${lists.join("\n")}\n`;
}
