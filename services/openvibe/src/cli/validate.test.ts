import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HELLO, openFolder, openvibe, SMALL } from "../spawn-node.fixture.ts";

async function openFiles(files: Readonly<Record<string, string>>) {
  const folder = await openFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  return folder;
}

test("openvibe validate tells what it found, and ends with 0", async () => {
  const { code, out, err } = await openvibe(["validate", HELLO, SMALL]);

  expect([code, err]).toEqual([0, "openvibe: serve them with: openvibe dev\n"]);
  expect(out).toMatch(/^ok {4}\S*operators\/hello\/index\.ts {2}hello: greet\nok {4}\S*small-operator\.fixture\.ts {2}small: add, fail, /);
});

test("openvibe validate tells the fault of every file, and ends with 3", async () => {
  const sdk = new URL("../index.ts", import.meta.url).href;
  await using folder = await openFiles({
    "a.ts": `export { default } from ${JSON.stringify(HELLO)};`,
    "b.ts": "export default (",
    "c.ts": `import { operator } from ${JSON.stringify(sdk)}; export default operator("Bad Id", { name: "B", workflows: [] });`,
    "d.ts": "export const nothing = 1;",
    "e.ts": `import { serve, operator, workflow } from ${JSON.stringify(sdk)}; import hello from ${JSON.stringify(HELLO)}; await serve(hello);`,
    "f.ts": `import { operator, workflow } from ${JSON.stringify(sdk)}; import { z } from ${JSON.stringify(import.meta.resolve("zod"))};
      const w = workflow("w", { state: z.object({ n: z.number().default(0) }), trigger: "on_demand" }).node("n", () => {}); export default operator("hello", { name: "H", workflows: [w] });`,
  });
  const files = ["a.ts", "b.ts", "c.ts", "d.ts", "e.ts", "f.ts"];

  const { code, out, err } = await openvibe(["validate", ...files], { cwd: folder.path });
  const json = await openvibe(["validate", ...files, "--json"], { cwd: folder.path });

  expect([code, err]).toEqual([3, "openvibe: 5 of 6 files cannot be served\n"]);
  expect(out.trimEnd().split("\n")).toEqual([
    "ok    a.ts  hello: greet",
    expect.stringMatching(/^fault b\.ts {2}cannot be loaded: .+/),
    expect.stringMatching(/^fault c\.ts {2}cannot be loaded: .*Bad Id.*an id is 1 to 64 of/),
    expect.stringMatching(/^fault d\.ts {2}exports no operator: end it with "export default operator\(…\)"/),
    expect.stringMatching(/^fault e\.ts {2}calls serve\(\) itself: start it with "node e\.ts"/),
    "fault f.ts  operator hello is defined in a.ts as well",
  ]);
  expect(json).toMatchObject({ code: 3, err: "" });
  expect(JSON.parse(json.out)).toMatchObject({
    valid: false,
    operators: [{ file: "a.ts", operator_id: "hello" }],
    faults: [{ file: "b.ts" }, { file: "c.ts", code: "OV_DEFINITION_INVALID" }, { file: "d.ts" }, { file: "e.ts" }, { file: "f.ts" }],
  });
});

test("openvibe validate in a folder without operators ends with 3, and says where it looked", async () => {
  await using folder = await openFolder();

  const { code, err } = await openvibe(["validate"], { cwd: folder.path });

  expect([code, err]).toEqual([3, expect.stringMatching(/^openvibe: there is no operator: name a file, .*looked in /) as string]);
});

test.each(["validate", "serve"])("openvibe %s ends, whatever a faulty operator's file left open", async (command) => {
  await using folder = await openFiles({ "a.ts": "setInterval(() => {}, 1_000); throw new Error('CRM_URL is not set');" });

  const { code, out, err } = await openvibe([command, "a.ts"], { cwd: folder.path });

  expect(code).toBe(3);
  expect(out + err).toMatch(/a\.ts {1,2}cannot be loaded: CRM_URL is not set\n/);
});
