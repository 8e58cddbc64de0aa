/** `openvibe dev` as a process: what runs outlives a change of the code. */
import { mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { COMMAND, openFolder, openvibe, SMALL, startNode } from "../spawn-node.fixture.ts";

/** A folder as an author has it: one file, and `node_modules`. */
async function openProject() {
  const folder = await openFolder();
  await mkdir(join(folder.path, "node_modules"));
  const zod = dirname(createRequire(import.meta.url).resolve("zod/package.json"));
  await symlink(zod, join(folder.path, "node_modules", "zod"));
  await symlink(fileURLToPath(new URL("../..", import.meta.url)), join(folder.path, "node_modules", "openvibe"));
  const source = await readFile(SMALL, "utf8");
  const file = join(folder.path, "small.ts");
  /** As editors do: a new file beside it, then the name. */
  const save = async (text: string) => {
    await writeFile(`${file}~`, text);
    await rename(`${file}~`, file);
  };
  await save(source);
  return { ...folder, source, save, gate: join(folder.path, "gate.txt") };
}

test("openvibe dev starts again after a change; the run in flight ends with the new code, and nothing else restarts it", async () => {
  await using project = await openProject();
  const env = { OPENVIBE_LOG_LEVEL: "error" };
  await using dev = startNode([COMMAND, "dev", "--port", "0", "small.ts"], { cwd: project.path, env });
  const starts = () => [...dev.said.out.matchAll(/OpenVibe serves small at (http:\S+)/g)].map(([, url]) => url ?? "");
  const urlOf = async (start: number) => vi.waitUntil(() => starts()[start - 1], { timeout: 15_000 });
  const first = await urlOf(1);
  const input = JSON.stringify({ gate: project.gate });
  const { out } = await openvibe(["run", "small", "hold", "--input", input, "--json"], { env: { OPENVIBE_URL: first } });
  const { run_id } = JSON.parse(out) as { run_id: string };

  await project.save(project.source.replace("VERSION = 1", "VERSION = 2"));
  await dev.until(/small\.ts changed, starting again/);
  const isReady = async () => (await fetch(`${first}/readyz`).catch(() => undefined))?.ok === true;
  await vi.waitUntil(async () => !(await isReady()), { timeout: 15_000 });
  await writeFile(project.gate, ""); // the first step ends while the old server drains
  const second = await urlOf(2);
  const watched = await openvibe(["runs", "watch", run_id], { env: { OPENVIBE_URL: second } });

  expect(watched.code).toBe(0);
  expect(watched.out).toMatch(/"n": 2,\s+"version": 2|"version": 2,\s+"n": 2/);

  await project.save("export default (");
  await dev.until(/waiting for a change of a file/);
  await project.save(project.source);
  await urlOf(3);
  expect(dev.said.err).toMatch(/small\.ts cannot be loaded: .*\nopenvibe: waiting for a change of a file\n/);
  expect(starts()).toHaveLength(3); // its own store, in .openvibe, changed all the time

  dev.signal("SIGTERM");
  expect((await dev.ended).code).toBe(0);
}, 60_000);

test("openvibe dev starts again for modules that it has loaded, and not for a test beside them", async () => {
  await using project = await openProject();
  const save = async (name: string, text: string) => writeFile(join(project.path, name), text);
  const words = "function mark(_class: unknown, _context: unknown) {}\n@mark\nexport class Words {}\n"; // decorators have a loader of their own
  await save("words.ts", words);
  await save("words.test.ts", "1");
  await save("app.ts", 'import "./words.ts";\nexport { default } from "./small.ts";');
  await using dev = startNode([COMMAND, "dev", "--port", "0", "app.ts"], { cwd: project.path, env: { OPENVIBE_LOG_LEVEL: "error" } });
  await dev.until(/OpenVibe serves small at/);

  await save("words.test.ts", "2");
  await save("words.ts", `${words}// 2`);
  await dev.until(/changed, starting again/);
  await vi.waitUntil(() => dev.said.out.match(/OpenVibe serves/g)?.length === 2, { timeout: 15_000 });

  expect(dev.said.err.match(/.*starting again/g)).toEqual(["openvibe: words.ts changed, starting again"]);
  dev.signal("SIGTERM");
  expect((await dev.ended).code).toBe(0);
}, 30_000);

test("Ctrl-C, which a terminal sends to everybody, makes the server drain, and not break off", async () => {
  await using project = await openProject();
  await using dev = startNode([COMMAND, "dev", "--port", "0", "small.ts"], { cwd: project.path, ownGroup: true });
  const [, url = ""] = await dev.until(/OpenVibe serves small at (http:\S+)/);
  await openvibe(["run", "small", "hold", "--input", JSON.stringify({ gate: project.gate })], { env: { OPENVIBE_URL: url } });

  dev.signalGroup("SIGINT");
  await dev.until(/"msg":"draining"/);
  await writeFile(project.gate, "");

  expect((await dev.ended).code).toBe(0);
}, 30_000);

test("a server whose openvibe dev was killed ends too, and leaves the store to the next", async () => {
  await using project = await openProject();
  const env = { OPENVIBE_LOG_LEVEL: "error" };
  const dev = startNode([COMMAND, "dev", "--port", "0", "small.ts"], { cwd: project.path, env });
  const [, url = ""] = await dev.until(/OpenVibe serves small at (http:\S+)/);

  dev.signal("SIGKILL");

  await dev.ended;
  await expect(fetch(url)).rejects.toThrow();
}, 30_000);

test("openvibe dev refuses a file that is not there, instead of waiting for it", async () => {
  const { code, err } = await openvibe(["dev", "gone.ts"]);

  expect([code, err]).toEqual([2, expect.stringMatching(/There is no file \/.*gone\.ts/) as string]);
});

test("openvibe dev in a folder without operators ends, with 3", async () => {
  await using folder = await openFolder();

  const { code, err } = await openvibe(["dev"], { cwd: folder.path });

  expect([code, err]).toEqual([3, expect.stringMatching(/^openvibe: there is no operator: name a file/) as string]);
});

test.each<[string, string]>([
  ["and waits for it", "await serve(hello, { port: 0 }); export default hello;"],
  ["and goes on", "void serve(hello, { port: 0 });"],
])("a file that calls serve itself (%s) is refused with 3, and what to do", async (_how, lines) => {
  await using project = await openProject();
  const file = join(project.path, "app.ts");
  await writeFile(file, `import { serve } from "openvibe";\nimport hello from "./small.ts";\n${lines}\n`);

  const refused = await Promise.all(
    [
      ["dev", "--no-watch"],
      ["serve", "--port", "0"],
    ].map((args) => openvibe([...args, "app.ts"], { cwd: project.path })),
  );

  for (const { code, out, err } of refused) {
    expect([code, out]).toEqual([3, ""]);
    expect(err).toBe(
      'openvibe: app.ts calls serve() itself: start it with "node app.ts", or leave that line out and end the file with "export default operator(…)"\n',
    );
  }
});
