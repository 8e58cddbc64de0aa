/** Files with decorators, loaded by the command and by Node, as their author does it. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openvibe, startNode, startServer } from "../spawn-node.fixture.ts";
import { HELLO, openDecorated } from "./decorated.fixture.ts";

describe("the command", () => {
  test("validates a file with decorators, and those that it imports", async () => {
    await using folder = await openDecorated();

    expect(await openvibe(["validate", "hello.ts"], { cwd: folder.path })).toEqual({
      code: 0,
      out: "ok    hello.ts  hello: greet, count\n",
      err: "openvibe: serve it with: openvibe dev\n",
    });
  });

  test("serves it", async () => {
    await using folder = await openDecorated();
    await using server = await startServer(["hello.ts"], { cwd: folder.path, env: { OPENVIBE_STORE: "memory", OPENVIBE_LLM: "echo" } });

    const run = async (trigger: string, input: object) =>
      await (
        await fetch(`${server.url}/v1/operators/hello/activate`, {
          method: "POST",
          headers: { "content-type": "application/json", prefer: "wait=10" },
          body: JSON.stringify({ trigger, input }),
        })
      ).json();

    expect(await run("greet", {})).toMatchObject({ status: "completed", output: { greeting: "[echo] Say hello!" } });
    expect(await run("count", { count: 2 })).toMatchObject({ status: "completed", output: { count: 3 } });
    expect(await run("count", { count: -1 })).toMatchObject({ status: "failed", error: { message: "below zero", node_id: "add" } });
  });

  test("names file, class and method of what is wrong with it, or the line that does not parse", async () => {
    await using folder = await openDecorated({
      "key.ts": HELLO.replace('outputKey: "greeting"', 'outputKey: "greting"'),
      "parse.ts": HELLO.replace("count = 0;", "count = ;"),
      "none.ts": HELLO.replace(/@operator\(.*\)\n/, ""),
    });

    const { code, out } = await openvibe(["validate", "key.ts", "parse.ts", "none.ts"], { cwd: folder.path });

    expect(code).toBe(3);
    expect(out.split("\n")).toEqual([
      'fault key.ts  cannot be loaded: class Hello: operator hello, workflow greet, step say_hello, output: greting is not a field of the state; did you mean "greeting"?',
      expect.stringMatching(/^fault parse\.ts {2}cannot be loaded: .*parse\.ts:8:11: Unexpected ";"$/),
      expect.stringMatching(/^fault none\.ts {2}exports no operator: end it with .*, or export a class with @operator;/),
      "",
    ]);
  });
});

test("node --import openvibe/decorators/register runs a file with decorators, tests included; its errors name the author's line", async () => {
  const register = new URL("./register.ts", import.meta.url).href;
  const runtime = new URL("../index.ts", import.meta.url).href;
  await using folder = await openDecorated({
    "hello.test.ts": `import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { createRuntime } from ${JSON.stringify(runtime)};
import Hello from "./hello.ts";
test("counts", async () => {
  await using runtime = await createRuntime({ operators: [Hello] });
  const { status, output } = await (await runtime.activate(Hello, "count", { count: 1 })).ended();
  deepEqual([status, output.count], ["completed", 2]);
});
test("the line", async () => {
  const stack = await import("./throws.ts").catch((error) => error.stack);
  equal(/throws\\.ts:(\\d+)/.exec(stack)?.[1], "5");
});
`,
    "throws.ts": `import { node } from "openvibe/decorators";
class Odd {
  @node n() {}
}
throw new Error(\`on line 5 \${Odd.name}\`);
`,
  });

  const { code, out } = await startNode(["--import", register, "--test", join(folder.path, "hello.test.ts")], {
    env: { OPENVIBE_LLM: "echo" },
  }).ended;

  expect([code, out]).toEqual([0, expect.stringContaining("pass 2")]);
});

test("a file without decorators is loaded as ever: no hook stays, and esbuild is not looked for", async () => {
  await using folder = await openDecorated({ "plain.ts": "export const nothing = 1; // an @ that is none\n" });
  const composition = new URL("../../../../libs/composition/src/index.ts", import.meta.url).href;
  const code = `
    import childProcess from "node:child_process";
    import { syncBuiltinESMExports } from "node:module";
    childProcess.execFileSync = () => { throw new Error("it was started"); };
    syncBuiltinESMExports();
    const { loadOperators } = await import(${JSON.stringify(composition)});
    await loadOperators({ files: ["plain.ts"], cwd: ${JSON.stringify(folder.path)} }).catch((error) => console.log(error.message));
    await import(${JSON.stringify(join(folder.path, "hello.ts"))}).catch((error) => console.log(error.name));
  `;

  const { out } = await startNode(["--input-type=module", "-e", code], { cwd: folder.path }).ended;

  expect(out.split("\n")).toEqual([expect.stringMatching(/plain\.ts exports no operator/), "SyntaxError", ""]);
});
