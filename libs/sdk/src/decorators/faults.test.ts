/** What is refused while the class is made, which is when its file is loaded. */
import { describe, expect, test } from "vitest";
import { conditional, durable, humanInTheLoop, llmNode, node, operator, workflow } from "./index.ts";

const refusal = (message: string) => expect.objectContaining({ code: "OV_DEFINITION_INVALID", message: expect.stringContaining(message) });
/** Plain JavaScript: what the types would refuse must be refused at load as well. */
const loosely = <T = never>(value: unknown) => value as T;

/** An operator `Ops` with the state of these tests, around one workflow's class. */
function load(workflowClass: new () => object, options: object = {}): void {
  @operator({ id: "ops", name: "Ops" })
  class Ops {
    text = "";
    count = 0;

    @workflow({ id: "w", ...options })
    static W = workflowClass;
  }
  void Ops;
}

describe("a class is refused at load, naming class and method, with what is allowed:", () => {
  test.each<[name: string, make: () => unknown, message: string]>([
    [
      "74: an operator without workflows",
      () => {
        @operator({ id: "ops", name: "Ops" })
        class Ops {
          text = "";
        }
        return Ops;
      },
      "class Ops: has no workflows; put @workflow({ id }) on a static class inside it",
    ],
    [
      "74: a workflow without steps",
      () =>
        load(
          class {
            help() {}
          },
        ),
      "class Ops, static W: has no steps; put @node, @llmNode, @conditional or @humanInTheLoop on its methods",
    ],
    [
      "75: a step on a method of the operator itself",
      () => {
        @operator({ id: "ops", name: "Ops" })
        class Ops {
          text = "";
          @node
          stray() {}
        }
        return Ops;
      },
      "class Ops, method stray: @node stands on a method of a workflow's class; put @workflow",
    ],
    [
      "75: steps in a class without @workflow",
      () => {
        @operator({ id: "ops", name: "Ops" })
        class Ops {
          text = "";
          static W = class {
            @node
            n() {}
          };
        }
        return Ops;
      },
      "class Ops, static W: has no @workflow({ id })",
    ],
    [
      "75: @durable without @workflow",
      () => {
        @operator({ id: "ops", name: "Ops" })
        class Ops {
          text = "";
          @durable({ maxDays: 1 })
          static W = class {};
        }
        return Ops;
      },
      "class Ops, static W: has no @workflow({ id })",
    ],
    [
      "75: @workflow on a field that is not static",
      () => {
        class Ops {
          @workflow({ id: "w" })
          w = class {};
        }
        return Ops;
      },
      "@workflow on field w: allowed is a class, or a static field that holds one",
    ],
    [
      "75: @workflow on a static field without a class",
      () => load(loosely<new () => object>("W")),
      "@workflow on static field W: the field holds no class; allowed is static Greet = class { … }",
    ],
    [
      "75: a step on a getter",
      () => {
        class W {
          // @ts-expect-error a getter is no step
          @node
          get n() {
            return {};
          }
        }
        return W;
      },
      "@node on getter n: allowed is a method of a workflow's class that is neither static nor private",
    ],
    [
      "75: a step on a static method",
      () => {
        class W {
          @node
          static n() {}
          help() {}
        }
        return W;
      },
      "@node on static method n: allowed is a method",
    ],
    [
      "75: a step on a private method",
      () => {
        class W {
          @conditional({ routes: { yes: () => true } })
          #n() {}
          use() {
            this.#n();
          }
        }
        return W;
      },
      "@conditional on private method #n: allowed is a method",
    ],
    [
      "75: two steps on one method",
      () => {
        class W {
          @node
          @llmNode({ model: "haiku", outputKey: "text" })
          n() {
            return { user: "?" };
          }
        }
        return W;
      },
      "@node on method n: the method is a step already",
    ],
    [
      "75: @operator on a method",
      () => loosely<(value: unknown, context: object) => void>(operator({ id: "a", name: "A" }))(() => {}, { kind: "method", name: "m" }),
      "@operator: allowed is a class",
    ],
    [
      "an option that is none",
      () =>
        load(
          class {
            @node(loosely({ retrys: 2 })) n() {}
          },
        ),
      'class Ops: operator ops, workflow w, step n: there is no option "retrys": did you mean "retries"?',
    ],
    [
      "a workflow's option that is none",
      () =>
        load(
          class {
            @node n() {}
          },
          { timeOut: "1m" },
        ),
      'class Ops: operator ops, workflow w: there is no option "timeOut": did you mean "timeout"?',
    ],
    [
      "durable twice",
      () => {
        @operator({ id: "ops", name: "Ops" })
        class Ops {
          text = "";
          @durable({ maxDays: 2 })
          @workflow({ id: "w", durable: { maxDays: 1 } })
          static W = class {
            @node
            n() {}
          };
        }
        return Ops;
      },
      "class Ops, static W: gives durable in @workflow and in @durable",
    ],
    [
      "durable for ever",
      () => {
        @operator({ id: "ops", name: "Ops" })
        class Ops {
          text = "";
          @workflow({ id: "w" })
          @durable({ maxDays: 0 })
          static W = class {
            @node
            n() {}
          };
        }
        return Ops;
      },
      "durable: maxDays must be a",
    ],
    [
      "workflows that are none",
      () => {
        @operator({ id: "ops", name: "Ops", workflows: [class Other {}] })
        class Ops {
          text = "";
        }
        return Ops;
      },
      "class Ops, workflows[0]: is neither a class with @workflow({ id }) nor what workflow(…) gives",
    ],
    [
      "an operator's id",
      () => {
        @operator({ id: "My Ops", name: "Ops" })
        class Ops {
          text = "";
          @workflow({ id: "w" })
          static W = class {
            @node
            n() {}
          };
        }
        return Ops;
      },
      'class Ops: operator "My Ops": an id is 1 to 64 of a-z',
    ],
    [
      "80: outputKey and outputKeys",
      () =>
        load(
          class {
            @llmNode({ model: "haiku" }) n() {
              return { user: "?", outputKey: "text", outputKeys: ["count"] };
            }
          },
        ),
      "class Ops, static W, method n: gives both outputKey and outputKeys; exactly one is allowed",
    ],
    [
      "80: neither outputKey nor outputKeys",
      () =>
        load(
          class {
            @llmNode({ model: "haiku" }) n() {
              return { user: "?" };
            }
          },
        ),
      "class Ops, static W, method n: gives neither outputKey nor outputKeys",
    ],
    [
      "80: outputKey and outputKeys in the options",
      () =>
        load(
          class {
            @llmNode({ model: "haiku", outputKey: "text", outputKeys: ["count"] }) n() {
              return { user: "?" };
            }
          },
        ),
      "gives both outputKey and outputKeys",
    ],
    [
      "80: outputKeys for a text",
      () =>
        load(
          class {
            @llmNode({ model: "haiku", outputFormat: "text", outputKeys: ["count"] }) n() {
              return { user: "?" };
            }
          },
        ),
      'outputFormat "text" fills one field',
    ],
    [
      "an outputFormat that is none",
      () =>
        load(
          class {
            @llmNode({ model: "haiku", outputFormat: loosely("xml"), outputKey: "text" }) n() {
              return { user: "?" };
            }
          },
        ),
      'outputFormat is "text" or "json"',
    ],
    [
      "an outputKey that is no field",
      () =>
        load(
          class {
            @llmNode({ model: "haiku" }) n() {
              return { user: "?", outputKey: "txet" };
            }
          },
        ),
      'class Ops: operator ops, workflow w, step n, output: txet is not a field of the state; did you mean "text"?',
    ],
    [
      "an outputKey that takes no text",
      () =>
        load(
          class {
            @llmNode({ model: "haiku" }) n() {
              return { user: "?", outputKey: "count" };
            }
          },
        ),
      "the field count takes no text",
    ],
    [
      "outputKeys of another type than the field",
      () =>
        load(
          class {
            @llmNode({ model: "haiku" }) n() {
              return { user: "?", outputKeys: { count: String } };
            }
          },
        ),
      'class Ops, static W, method n, outputKeys: the field "count" of the state holds number, not string',
    ],
    [
      "outputKeys of no type",
      () =>
        load(
          class {
            @llmNode({ model: "haiku" }) n() {
              return { user: "?", outputKeys: { count: "int" } };
            }
          },
        ),
      'the type of "count" is none; allowed are String, Number, Boolean, Array, Object',
    ],
    [
      "a prompt with a misspelt key",
      () =>
        load(
          class {
            @llmNode({ model: "haiku" }) n() {
              return { user: "?", outputkey: "text" };
            }
          },
        ),
      'method n, what it returned: there is no option "outputkey": did you mean "outputKey"?',
    ],
    [
      "a prompt that cannot be made of defaults",
      () =>
        load(
          class {
            @llmNode({ model: "haiku" }) n(state: { text: string }) {
              return { user: (JSON.parse(state.text) as { a: string }).a, outputKey: "text" };
            }
          },
        ),
      "class Ops, static W, method n: it could not be asked at load, with the state's defaults, where its answer goes",
    ],
    [
      "a prompt that needs its context",
      () =>
        load(
          class {
            @llmNode({ model: "haiku" }) n(_: object, ctx: { runId: string }) {
              return { user: ctx.runId, outputKey: "text" };
            }
          },
        ),
      "ctx.runId is there only in a run: say it in the decorator instead: @llmNode({ model, outputKey })",
    ],
    [
      "an async prompt without an outputKey in the options",
      () =>
        load(
          class {
            @llmNode({ model: "haiku" }) async n() {
              return { user: "?", outputKey: "text" };
            }
          },
        ),
      "it is async, so at load nobody can wait to hear where its answer goes; say it in the decorator instead",
    ],
    [
      "no model",
      () =>
        load(
          class {
            @llmNode(loosely({})) n() {
              return { user: "?", outputKey: "text" };
            }
          },
        ),
      "class Ops: operator ops, workflow w, step n: model is missing",
    ],
    [
      "no routes",
      () =>
        load(
          class {
            @conditional(loosely({})) n() {}
          },
        ),
      "@conditional on method n: routes are missing",
    ],
    [
      "routes that are none",
      () =>
        load(
          class {
            @conditional({ routes: {} }) n() {}
          },
        ),
      "step n: has no routes",
    ],
    [
      "a route that is none",
      () =>
        load(
          class {
            @conditional({ routes: loosely({ yes: true }) }) n() {}
          },
        ),
      '@conditional on method n: route "yes" is a function of the state, or { when: (state) => …, steps: ["a_method"] }, or goto',
    ],
    [
      "a route that leads to two places",
      () =>
        load(
          class {
            @conditional({ routes: { yes: loosely({ when: () => true, goto: "n", end: true }) } })
            n() {}
          },
        ),
      'route "yes" is a function of the state, or {',
    ],
    [
      "a route that leads nowhere",
      () =>
        load(
          class {
            @conditional({ routes: { yes: { when: () => true, goto: "nn" } } })
            n() {}
          },
        ),
      'class Ops: operator ops, workflow w, step n, route "yes": leads to "nn", which is no step; did you mean "n"?',
    ],
    [
      "a route's steps that are not there",
      () =>
        load(
          class {
            @conditional({ routes: { yes: { when: () => true, steps: ["gone"] } } }) n() {}
          },
        ),
      'class Ops, static W, method n: route "yes" names "gone", and no method with a step\'s decorator has that name',
    ],
    [
      "a route's steps elsewhere",
      () =>
        load(
          class {
            @conditional({ routes: { yes: () => true } }) n() {}
            @node between() {}
            @node yes() {}
          },
        ),
      'class Ops, static W, method yes: belongs to route "yes" of n, and must stand right behind it',
    ],
    [
      "a route's steps before it",
      () =>
        load(
          class {
            @node yes() {}
            @conditional({ routes: { yes: () => true } }) n() {}
          },
        ),
      'class Ops, static W, method yes: belongs to route "yes" of n, and must stand right behind it',
    ],
    [
      "a route's steps in another order",
      () =>
        load(
          class {
            @conditional({ routes: { yes: { when: () => true, steps: ["b", "a"] } } }) n() {}
            @node a() {}
            @node b() {}
          },
        ),
      'route "yes" names b, a; the methods stand in another order',
    ],
    [
      "a method of two routes",
      () =>
        load(
          class {
            @conditional({ routes: { yes: { when: () => true, steps: ["a"] }, no: { when: () => true, steps: ["a"] } } }) n() {}
            @node a() {}
          },
        ),
      "class Ops, static W, method n: method a is named twice",
    ],
    [
      "a question without fields",
      () =>
        load(
          class {
            @humanInTheLoop(loosely({ prompt: "?" })) n() {}
          },
        ),
      "step n: answer must name at least one field of the state",
    ],
    [
      "two methods of one name",
      () =>
        load(
          class {
            @node sayHello() {}
            @node say_hello() {}
          },
        ),
      "class Ops: operator ops, workflow w, step say_hello: the name is taken",
    ],
    [
      "81: a method whose name is no id",
      () =>
        load(
          class {
            @node $n() {}
          },
        ),
      'step "$n": an id is 1 to 64 of a-z',
    ],
    [
      "81: a method whose name is a number",
      () =>
        load(
          class {
            @node 1() {}
          },
        ),
      "class Ops, static W, method 1: JavaScript puts methods whose name is a number before all others",
    ],
    [
      "a workflow's class with fields",
      () =>
        load(
          class {
            text = "";
            @node n() {}
          },
        ),
      "class Ops, static W, field text: state stands in the operator's class",
    ],
    [
      "a workflow's class that needs arguments",
      () =>
        load(
          loosely(
            class {
              constructor(crm: { url: string }) {
                void crm.url;
              }
              @node n() {}
            },
          ),
        ),
      "class Ops, static W: cannot be made without arguments",
    ],
    [
      "a workflow's class that extends another",
      () => {
        class Base {
          @node
          first() {}
        }
        load(
          class extends Base {
            @node second() {}
          },
        );
      },
      "class Ops, static W: extends a class whose method first is a step",
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(refusal(message));
  });
});

describe("85: decorators that a compiler emits in the form before the standard are refused in one line that names the tsconfig key:", () => {
  const wanted = refusal('is called as a legacy decorator: leave "experimentalDecorators" out of tsconfig.json');
  const method = () => {};

  test.each<[string, () => unknown]>([
    ["@operator", () => loosely<(target: unknown) => void>(operator({ id: "a", name: "A" }))(class {})],
    ["@workflow on a static field", () => loosely<(...args: unknown[]) => void>(workflow({ id: "w" }))(class {}, "W")],
    ["@workflow on a class", () => loosely<(target: unknown) => void>(workflow({ id: "w" }))(class {})],
    ["@durable", () => loosely<(...args: unknown[]) => void>(durable({ maxDays: 1 }))(class {}, "W", undefined)],
    ["@node", () => loosely<(...args: unknown[]) => void>(node)({}, "n", { value: method })],
    ["@node(…)", () => loosely<(...args: unknown[]) => void>(node({}))({}, "n", { value: method })],
    ["@llmNode", () => loosely<(...args: unknown[]) => void>(llmNode({ model: "haiku" }))({}, "n", { value: method })],
    ["@conditional", () => loosely<(...args: unknown[]) => void>(conditional({ routes: {} }))({}, "n", { value: method })],
    ["@humanInTheLoop", () => loosely<(...args: unknown[]) => void>(humanInTheLoop({ answer: [] }))({}, "n", { value: method })],
  ])("%s", (_, call) => {
    expect(call).toThrow(wanted);
  });
});

test.each<[string, (...args: unknown[]) => unknown]>([
  ["@operator", loosely(operator)],
  ["@workflow", loosely(workflow)],
  ["@durable", loosely(durable)],
  ["@llmNode", loosely(llmNode)],
  ["@conditional", loosely(conditional)],
  ["@humanInTheLoop", loosely(humanInTheLoop)],
])("%s without its parentheses says what to write", (name, decorator) => {
  expect(() => decorator(() => {}, { kind: "method", name: "n", static: false, private: false })).toThrow(
    refusal(`${name}: its options are missing; write ${name}({`),
  );
});
