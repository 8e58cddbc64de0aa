/** Configuration files that no editor would save, and places that a process may be started at. */
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@openvibe/composition";
import { describe, expect, test } from "vitest";

async function openFolder() {
  const path = await mkdtemp(join(tmpdir(), "openvibe-bad-input-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Why a configuration file with this content is refused. */
async function refusalOf(content: string | Buffer, name = "openvibe.config.yaml"): Promise<string> {
  await using folder = await openFolder();
  await writeFile(join(folder.path, name), content);
  return await said(loadConfig({}, {}, { cwd: folder.path }));
}

async function said(loading: Promise<unknown>): Promise<string> {
  const refusal = await loading.then(
    () => new Error("it was accepted"),
    (error: unknown) => error as Error,
  );
  expect(refusal).toMatchObject({ code: "OV_CONFIG_INVALID" });
  return refusal.message;
}

describe("a configuration file", () => {
  test.each<[row: string, content: string | Buffer, message: RegExp]>([
    ["57: a tab for an indent", "apiKeys:\n\t- a", /^openvibe\.config\.yaml:2:1 is not valid YAML: /],
    ["57: a quote that is not closed", "port: 1\nhost: 'x\n", /^openvibe\.config\.yaml:\d+:\d+ is not valid YAML: /],
    ["58: a key twice", "port: 1\nhost: x\nport: 2", /^openvibe\.config\.yaml:3:1 says the same key twice$/],
    ["59: a misspelt key", "prot: 1", /^openvibe\.config\.yaml:1:1 "prot" is no setting of OpenVibe; did you mean port\?$/],
    ["62: not UTF-8", Buffer.from("host: caf\xe9\n", "latin1"), /^openvibe\.config\.yaml is not UTF-8$/],
    [
      "62: not UTF-8 in a value that would pass",
      Buffer.from("sqlitePath: caf\xe9.db\n", "latin1"),
      /^openvibe\.config\.yaml is not UTF-8$/,
    ],
    ["62: binary", Buffer.from([0, 1, 2, 3, 255, 254]), /^openvibe\.config\.yaml is not UTF-8$/],
    ["62: 10 MB", "# x\n".repeat(2_621_440), /^openvibe\.config\.yaml is larger than the \d+ bytes of a configuration$/],
    ["63: 100,000 lists in each other", `serve: ${"[".repeat(100_000)}`, /^openvibe\.config\.yaml/],
    ["63: 100,000 lists, closed", `serve: ${"[".repeat(100_000)}${"]".repeat(100_000)}`, /^openvibe\.config\.yaml/],
    ["63: 60,000 mappings in each other", "{a: ".repeat(60_000), /^openvibe\.config\.yaml/],
    ["63: 10,000 lists by dashes", `serve:\n  ${"- ".repeat(10_000)}x`, /^openvibe\.config\.yaml/],
    ["63: an alias of itself", "serve: &a [*a]", /^openvibe\.config\.yaml/],
    ["63: an alias of nothing", "serve: [*nothing]", /^openvibe\.config\.yaml/],
    [
      "64: a tag of another language",
      "port: !!python/object/apply:os.system [ls]",
      /^openvibe\.config\.yaml:1:7 has a tag that YAML does not know/,
    ],
    ["65: a number for a name", "namespace: 012", /^openvibe\.config\.yaml:1:1 namespace must be /],
    ["65: a fraction for a name", "namespace: 1.0", /^openvibe\.config\.yaml:1:1 namespace must be /],
    ["65: false for a list's text", "serve: [false]", /^openvibe\.config\.yaml:1:9 serve\.0 must be a text$/],
    ["66: __proto__", "__proto__: { port: 1 }", /^openvibe\.config\.yaml:1:1 "__proto__" is no setting/],
    ["72: two documents", "port: 1\n---\nport: 2\n", /^openvibe\.config\.yaml:2:1 begins a second document/],
    ["72: a list", "- port", /^openvibe\.config\.yaml:1:1 must be a mapping/],
  ])("%s is refused in one line", async (_row, content, message) => {
    const refusal = await refusalOf(content);

    expect(refusal).toMatch(message);
    expect(refusal).not.toContain("\n");
  });

  test("113: that is a socket, or a folder, is refused before anything is read", async () => {
    await using folder = await openFolder();
    const socket = createServer().listen(join(folder.path, "socket.yaml"));
    await once(socket, "listening");
    await mkdir(join(folder.path, "folder.yaml"));

    for (const name of ["socket.yaml", "folder.yaml", "none.yaml"])
      expect(await said(loadConfig({ OPENVIBE_CONFIG: name }, {}, { cwd: folder.path }))).toBe(`there is no configuration file ${name}`);
    socket.close();
  });
});
