import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { MODEL_ALIASES } from "@openvibe/llm";
import { MODEL_ALIASES as IN_YAML } from "@openvibe/sdk/yaml";
import { describe, expect, test } from "vitest";
import { loadOperators } from "./load-operators.ts";

type Files = Readonly<Record<string, string | Buffer>>;

async function openFolder(files: Files): Promise<AsyncDisposable & { readonly cwd: string }> {
  const cwd = await mkdtemp(join(tmpdir(), "openvibe-yaml-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
  return { cwd, [Symbol.asyncDispose]: () => rm(cwd, { recursive: true, force: true }) };
}

const asking = (file: string, id = "desk") =>
  `operators:\n  - id: ${id}\n    name: Desk\n    workflows:\n      - id: w\n        nodes:\n          - id: ask\n            type: llm\n            model: haiku\n            prompt_file: ${file}\n`;
const thinking = (id = "desk") => `operators: [{ id: ${id}, name: Desk, workflows: [{ id: w, nodes: [{ id: think, type: logic }] }] }]\n`;
const handlers = (text: string) => `export default ${text};\n`;

const load = async (cwd: string, files: readonly string[] = ["operators.yaml"], handlerFiles: readonly string[] = []) =>
  await loadOperators({ cwd, files, handlerFiles, env: { GREETING: "ask.md" } });

async function refusalOf(loading: Promise<unknown>): Promise<{ readonly message: string; readonly code: string }> {
  return await loading.then(
    () => ({ message: "it was accepted", code: "" }),
    (error: unknown) => error as { readonly message: string; readonly code: string },
  );
}

describe("operators in YAML", () => {
  test("are loaded with the prompts that they name and the handlers beside them", async () => {
    await using folder = await openFolder({
      "desk/operators.yaml": `${asking("prompts/ask.md")}          - { id: think, type: logic }\n`,
      "desk/prompts/ask.md": "# System\nYou are.\n# User\nHello {{name}}",
      "desk/logic_handlers.ts": handlers("{ desk: { w: { think: ({ ask }: { ask: string }) => ({ think: ask.length }) } } }"),
    });

    const [desk] = await load(folder.cwd, ["desk/operators.yaml"]);

    const ask = desk?.workflows.get("w")?.steps.get("ask");
    expect(ask?.kind === "llm" && (await ask.prompt({ name: "Ann" }, {} as never))).toEqual({ system: "You are.", user: "Hello Ann" });
    const think = desk?.workflows.get("w")?.steps.get("think");
    expect(think?.kind === "node" && (await think.run({ ask: "four" }, {} as never))).toEqual({ think: 4 });
  });

  test("are found beside modules in ./operators, by .yaml and .yml, and by patterns", async () => {
    await using folder = await openFolder({
      "operators/b.yaml": asking("ask.md", "b"),
      "operators/a.yml": asking("ask.md", "a"),
      "operators/ask.md": "Hello",
      "operators/deep/c.yaml": asking("../ask.md", "c"),
    });

    expect((await load(folder.cwd, [])).map(({ manifest }) => manifest.id)).toEqual(["a", "b"]);
    expect((await load(folder.cwd, ["operators/*.yaml"])).map(({ manifest }) => manifest.id)).toEqual(["b"]);
  });

  test("take handlers of other files as well, and what code says goes before what lies beside", async () => {
    await using folder = await openFolder({
      "operators.yaml": thinking(),
      "logic_handlers.ts": handlers("{ desk: { w: { think: () => ({ think: 1 }) } } }"),
      "mine.ts": handlers("{ desk: { w: { think: () => ({ think: 2 }) } }, other: { w: { x: () => ({}) } } }"),
    });

    const [desk] = await load(folder.cwd, ["operators.yaml"], ["mine.ts"]);

    const think = desk?.workflows.get("w")?.steps.get("think");
    expect(think?.kind === "node" && (await think.run({}, {} as never))).toEqual({ think: 2 });
    expect(await refusalOf(load(folder.cwd, ["operators.yaml"], ["mine.ts", "logic_handlers.ts"]))).toMatchObject({
      code: "OV_CONFIG_INVALID",
      message: expect.stringContaining("has a handler for desk.w.think, which another file has as well") as string,
    });
  });

  test("fill placeholders of variables from the environment", async () => {
    await using folder = await openFolder({ "operators.yaml": asking("$" + "{GREETING}"), "ask.md": "Hello" });

    expect(await load(folder.cwd)).toHaveLength(1);
  });

  test("know the aliases that models have", () => {
    expect(IN_YAML).toEqual(MODEL_ALIASES);
  });

  test.each<[what: string, files: Files, message: RegExp]>([
    [
      "a handler whose node is misspelt",
      { "operators.yaml": thinking(), "logic_handlers.ts": handlers("{ desk: { w: { think: () => {}, thinc: () => {} } } }") },
      /has a handler for desk\.w\.thinc, and there is no such node; did you mean desk\.w\.think\?$/,
    ],
    [
      "a handler that is no function",
      { "operators.yaml": thinking(), "logic_handlers.ts": handlers("{ desk: { w: { think: 1 } } }") },
      /desk\.w\.think is no function/,
    ],
    [
      "handlers that are no object",
      { "operators.yaml": thinking(), "logic_handlers.ts": handlers("[]") },
      /handlers is no object; allowed is \{ <operator>/,
    ],
    [
      "handlers twice",
      { "operators.yaml": thinking(), "logic_handlers.ts": handlers("{}"), "logic_handlers.js": handlers("{}") },
      /there are .* and .*; keep one/,
    ],
    [
      "handlers that cannot be loaded",
      { "operators.yaml": thinking(), "logic_handlers.ts": "export default {" },
      /logic_handlers\.ts cannot be loaded/,
    ],
    ["no such file", {}, /^there is no file operators\.yaml$/],
    ["a file that is not text", { "operators.yaml": Buffer.from([0, 1, 2]) }, /^operators\.yaml is not UTF-8 text$/],
    ["a file that is not UTF-8", { "operators.yaml": Buffer.from("name: caf\xe9\n", "latin1") }, /^operators\.yaml is not UTF-8 text$/],
    ["a file of 2 MB", { "operators.yaml": "# x\n".repeat(500_000) }, /^operators\.yaml is larger than the 1048576 bytes allowed$/],
    ["a folder of that name", { "operators.yaml/x": "" }, /^operators\.yaml is no file/],
  ])("are refused: %s", async (_what, files, message) => {
    await using folder = await openFolder(files);

    expect(await refusalOf(load(folder.cwd))).toMatchObject({
      code: "OV_CONFIG_INVALID",
      message: expect.stringMatching(message) as string,
    });
  });
});

describe("a prompt file", () => {
  const promptRefusal = async (file: string, prepare: (cwd: string) => unknown = () => {}) => {
    await using folder = await openFolder({ "in/operators.yaml": asking(JSON.stringify(file)), "outside.md": "secret" });
    await prepare(join(folder.cwd, "in"));
    const { code, message } = await refusalOf(load(folder.cwd, ["in/operators.yaml"]));
    return { code, message: message.replaceAll(folder.cwd, "<cwd>") };
  };

  test.each<[row: string, file: string, told: string, prepare?: (cwd: string) => unknown]>([
    ["60: that is not there", "prompts/ask.md", "there is no prompt prompts/ask.md below <cwd>/in"],
    ["60: below what is no folder", "operators.yaml/ask.md", "there is no prompt operators.yaml/ask.md below <cwd>/in"],
    ["61: two folders up", "../../outside.md", "leads out of it; a prompt lies below the folder of the file that names it (<cwd>/in)"],
    ["61: out and in again", "../in/../outside.md", "leads out of it"],
    ["61: an absolute path", "/etc/passwd", "is an absolute path"],
    ["61: a path of Windows' network", "\\\\host\\x.md", "is an absolute path"],
    ["61: a URL", "https://example.com/ask.md", "is a URL"],
    ["61: a file URL", "file:///etc/passwd", "is a URL"],
    ["61: a link that leads out", "ask.md", "is a link that leads out of it", (cwd) => symlink("../outside.md", join(cwd, "ask.md"))],
    ["61: a folder's link that leads out", "up/outside.md", "is a link that leads out of it", (cwd) => symlink("..", join(cwd, "up"))],
    ["62: a folder", "ask.md", "the prompt ask.md is no file but a folder", (cwd) => mkdir(join(cwd, "ask.md"))],
    ["62: a pipe", "ask.md", "the prompt ask.md is no file but a pipe", (cwd) => execFileSync("mkfifo", [join(cwd, "ask.md")])],
    [
      "62: 10 MB",
      "ask.md",
      "the prompt ask.md has 10485760 bytes; allowed are 1048576",
      (cwd) => writeFile(join(cwd, "ask.md"), "x".repeat(10_485_760)),
    ],
    ["62: binary", "ask.md", "the prompt ask.md is binary", (cwd) => writeFile(join(cwd, "ask.md"), Buffer.from([65, 0, 66]))],
    [
      "62: not UTF-8",
      "ask.md",
      "the prompt ask.md is not UTF-8",
      (cwd) => writeFile(join(cwd, "ask.md"), Buffer.from("caf\xe9", "latin1")),
    ],
    ["62: a name with a zero byte", "a\u0000.md", "names no file"],
    ["62: no name", " ", "names no file"],
  ])("%s is refused", async (_row, file, told, prepare) => {
    const { code, message } = await promptRefusal(file, prepare);

    expect(message).toMatch(/^in\/operators\.yaml:10:26 /);
    expect(message).toContain(told);
    expect(code).toBe("OV_DEFINITION_INVALID");
  });

  test("62: a socket is refused", async () => {
    const server = createServer();
    const { message } = await promptRefusal("ask.md", async (cwd) => {
      await new Promise<void>((resolve) => server.listen(join(cwd, "ask.md"), resolve));
    });
    server.close();

    expect(message).toContain("the prompt ask.md is no file but a socket");
  });

  test("may be a link inside the folder", async () => {
    await using folder = await openFolder({ "operators.yaml": asking("ask.md"), "real.md": "Hello" });
    await symlink("real.md", join(folder.cwd, "ask.md"));

    expect(await load(folder.cwd)).toHaveLength(1);
  });

  test("with a wrong placeholder is told with its own line", async () => {
    await using folder = await openFolder({
      "operators.yaml": asking("ask.md").replace("workflows:", "state: { ask: string, name: string }\n    workflows:"),
      "ask.md": "# User\n\nHello {{nmae}}",
    });

    expect((await refusalOf(load(folder.cwd))).message).toBe(
      'ask.md:3:7 "nmae" is not a field of the state; did you mean "name"?\n  3 | Hello {{nmae}}\n            ^',
    );
  });
});
