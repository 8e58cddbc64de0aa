import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadOperators } from "./load-operators.ts";

/** A file that exports an operator without a step: what it can do is not the subject here. */
const operator = (id: string) =>
  `const ${id} = { manifest: { id: "${id}", name: "${id}", workflows: [], answers: {} }, version: "1", workflows: new Map(), answers: new Map() };`;

async function openFolder(files: Readonly<Record<string, string>>): Promise<AsyncDisposable & { readonly cwd: string }> {
  const cwd = await mkdtemp(join(tmpdir(), "openvibe-operators-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
  return { cwd, [Symbol.asyncDispose]: () => rm(cwd, { recursive: true, force: true }) };
}

const load = async (options: { cwd: string; files?: readonly string[]; only?: readonly string[] }) =>
  (await loadOperators({ files: [], env: {}, ...options })).map(({ manifest }) => manifest.id);
const refusal = (message: RegExp) =>
  expect.objectContaining({ code: "OV_CONFIG_INVALID", message: expect.stringMatching(message) as string }) as Error;

describe("operators are found", () => {
  test("in a file's default export, in its other exports, and once where both are the same", async () => {
    await using folder = await openFolder({
      "one.ts": `${operator("one")} export default one; export { one };`,
      "more.ts": `${operator("two")} ${operator("three")} export { two, three }; export const prompt: string = "x";`,
    });

    expect(await load({ cwd: folder.cwd, files: ["one.ts", join(folder.cwd, "more.ts")] })).toEqual(
      expect.arrayContaining(["one", "two", "three"]),
    );
    expect(await load({ cwd: folder.cwd, files: ["one.ts", "more.ts"] })).toHaveLength(3);
  });

  test("by patterns, in the order of names, each file once", async () => {
    await using folder = await openFolder({
      "team/b.ts": `${operator("b")} export default b;`,
      "team/a.ts": `${operator("a")} export default a;`,
      "team/deep/c.ts": `${operator("c")} export default c;`,
      "team/[d].ts": `${operator("d")} export default d;`, // by its very name, which looks like a pattern
    });

    expect(await load({ cwd: folder.cwd, files: ["team/?.ts", "team/a.ts"] })).toEqual(["a", "b"]);
    expect(await load({ cwd: folder.cwd, files: [join(folder.cwd, "team/**/[ac].ts")] })).toEqual(["a", "c"]);
    expect(await load({ cwd: folder.cwd, files: ["team/[d].ts"] })).toEqual(["d"]);
    await expect(load({ cwd: folder.cwd, files: ["team/*.js"] })).rejects.toThrow(refusal(/^no file matches team\/\*\.js \(looked in /));
  });

  test("in the folder operators, in the order of names, without files said", async () => {
    await using folder = await openFolder({
      "operators/zebra/index.ts": `${operator("zebra")} export default zebra;`,
      "operators/ant/index.js": `${operator("ant")} export default ant;`,
      "operators/both/index.ts": `${operator("both")} export default both;`,
      "operators/both/index.js": "throw new Error('the .ts file comes first')",
      "operators/shared/dates.ts": "export const now = () => Date.now();",
      "operators/readme.md": "# Not an operator",
    });

    expect(await load({ cwd: folder.cwd })).toEqual(["ant", "both", "zebra"]);
    expect(await load({ cwd: folder.cwd, files: ["operators/zebra/index.ts"] })).toEqual(["zebra"]);
  });

  test("and only the wanted ones taken, in the order in which they are wanted", async () => {
    await using folder = await openFolder({ "all.ts": `${operator("a")} ${operator("b")} ${operator("c")} export { a, b, c };` });

    expect(await load({ cwd: folder.cwd, files: ["all.ts"], only: ["c", "a"] })).toEqual(["c", "a"]);
  });

  test("in a file that another one exports again", async () => {
    await using folder = await openFolder({
      "one.ts": `${operator("one")} export default one;`,
      "index.ts": `export { default } from "./one.ts";`,
    });

    expect(await load({ cwd: folder.cwd, files: ["one.ts", "index.ts"] })).toEqual(["one"]);
  });
});

describe("operators are refused with the file and the reason", () => {
  test.each<[string, Record<string, string>, readonly string[], RegExp]>([
    ["a missing file", {}, ["gone.ts"], /^there is no file \/.*\/gone\.ts$/],
    ["a folder", { "a/index.ts": "" }, ["a"], /\/a is no file; name the file that exports the operator$/],
    ["a file that throws", { "a.ts": "throw new Error('no CRM_URL')" }, ["a.ts"], /\/a\.ts cannot be loaded: no CRM_URL$/],
    ["a file that throws nothing", { "a.ts": "throw null" }, ["a.ts"], /\/a\.ts cannot be loaded: the code threw null$/],
    ["a file that does not parse", { "a.mjs": "export default (" }, ["a.mjs"], /\/a\.mjs cannot be loaded: ./],
    ["a file whose import is missing", { "a.ts": "import './gone.ts'" }, ["a.ts"], /\/a\.ts cannot be loaded: .*gone\.ts/],
    [
      "a file without an operator",
      { "a.ts": "export default { manifest: 'x' }" },
      ["a.ts"],
      /\/a\.ts exports no operator: end it with "export default operator/,
    ],
    ["an empty file", { "a.ts": "" }, ["a.ts"], /\/a\.ts exports no operator/],
    [
      "no operator at all",
      {},
      [],
      /^there is no operator: name a file, or put operators at \.\/operators\/<name>\/index\.ts or \.\/operators\/<name>\.yaml \(looked in \/.*\)$/,
    ],
    ["an empty folder of operators", { "operators/readme.md": "" }, [], /^there is no operator: name a file/],
    [
      "two files with one id",
      { "a.ts": `${operator("same")} export default same;`, "b.ts": `${operator("same")} export default same;` },
      ["a.ts", "b.ts"],
      /\/b\.ts defines operator same, which another of the files defines as well$/,
    ],
  ])("%s", async (_what, files, named, message) => {
    await using folder = await openFolder(files);

    await expect(load({ cwd: folder.cwd, files: named })).rejects.toThrow(refusal(message));
  });

  test.each([
    [["a", "x"], /^OPENVIBE_OPERATORS: there is no operator "x"; there are a, b$/],
    [["a", "", "b"], /^OPENVIBE_OPERATORS: an operator without a name; there are a, b$/],
    [["a", "b", "a"], /^OPENVIBE_OPERATORS: operator a is named twice; there are a, b$/],
    [["A"], /there is no operator "A" \(did you mean "a"\?\); there are a, b$/],
    [["__proto__"], /there is no operator "__proto__"/],
  ])("the wanted ids %j", async (only, message) => {
    await using folder = await openFolder({ "all.ts": `${operator("a")} ${operator("b")} export { a, b };` });

    await expect(load({ cwd: folder.cwd, files: ["all.ts"], only })).rejects.toThrow(refusal(message));
  });

  test("ids where there is no operator", async () => {
    await using folder = await openFolder({});

    await expect(load({ cwd: folder.cwd, only: ["a"] })).rejects.toThrow(refusal(/there is no operator "a"; there are none$/));
  });
});
