/** An operator's files with decorators, for tests that load them as their author would. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openFolder } from "../spawn-node.fixture.ts";

const DECORATORS = fileURLToPath(new URL("./index.ts", import.meta.url));

export const HELLO = `import { llmNode, operator, workflow } from "openvibe/decorators";
import type { NodeContext } from "openvibe";
import { Count } from "./count.ts";

@operator({ id: "hello", name: "Hello World", workflows: [Count] })
export default class Hello {
  greeting: string = "";
  count = 0;

  @workflow({ id: "greet", trigger: "on_demand" })
  static Greet = class {
    @llmNode({ model: "haiku" })
    sayHello(_state: Hello, _ctx: NodeContext) {
      return { system: "You are friendly.", user: "Say hello!", outputKey: "greeting" };
    }
  };
}
`;

/** Its decorators are in a file that the operator imports. */
const COUNT = `import { node, workflow } from "openvibe/decorators";

@workflow({ id: "count" })
export class Count {
  @node
  add(state: { count: number }) {
    if (state.count < 0) throw new Error("below zero");
    return { count: state.count + 1 };
  }
}
`;

/** In a folder of its own. Imports of openvibe/decorators are those of this workspace. */
export async function openDecorated(files: Readonly<Record<string, string>> = {}): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await openFolder();
  for (const [name, text] of Object.entries({ "package.json": '{ "type": "module" }', "hello.ts": HELLO, "count.ts": COUNT, ...files })) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await writeFile(join(folder.path, name), text.replaceAll('"openvibe/decorators"', JSON.stringify(DECORATORS)));
  }
  return folder;
}
