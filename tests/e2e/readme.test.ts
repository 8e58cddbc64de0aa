/**
 * Types what README and quickstart tell people to type, and sees that what they say comes out. Only ports, the place of a file to save, and the key
 * differ. Longer than most files: the terminal it types into is of no use to another test.
 */
import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort, startNats } from "@openvibe/stack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startVendor } from "../support/e2e-vendor.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Inside the workspace, so that imports are found; a dot and a list of its own keep it from everybody else. */
const BLOCKS = "tests/.readme-blocks";
/** Where the docs say to save a file, and which of their blocks it is. */
const SAVED: Readonly<Record<string, { readonly page: string; readonly block: number }>> = {
  "operators/hello.ts": { page: "README.md", block: 0 },
  "operators/tickets/index.ts": { page: "docs/quickstart.md", block: 0 },
};

interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

const pages = new Map<string, readonly Block[]>();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvibe-readme-"));
  for (const page of ["README.md", "docs/quickstart.md"]) pages.set(page, readBlocks(page, await readFile(join(ROOT, page), "utf8")));
  await rm(join(ROOT, BLOCKS), { recursive: true, force: true });
  await save(".gitignore", "*\n");
  await save("tsconfig.json", '{ "extends": "../../tsconfig.base.json", "compilerOptions": { "noEmit": true }, "include": ["**/*.ts"] }\n');
  for (const page of pages.keys())
    for (const [index, { text }] of blocksOf(page, "ts").entries()) await save(`${page.replace(/\W/g, "-")}-${index}.ts`, text);
  // Once per machine it may have to be built, which is not what is measured here.
  await (await startNats({ own: true }))[Symbol.asyncDispose]();
}, 600_000);

afterAll(async () => {
  await rm(join(ROOT, BLOCKS), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

describe.concurrent("what README and quickstart show", () => {
  test("compiles", async () => {
    const { stdout } = await promisify(execFile)(join(ROOT, "node_modules/.bin/tsc"), ["-p", BLOCKS], { cwd: ROOT }).catch(
      (error: unknown) => error as { stdout: string },
    );

    expect(stdout).toBe("");
    expect(blocksOf("README.md", "ts").length + blocksOf("docs/quickstart.md", "ts").length).toBeGreaterThan(3);
  });

  test("the demo qualifies a lead and stays up", async () => {
    const port = await freePort();
    await using terminal = openTerminal({ OPENVIBE_PORT: String(port) });

    await terminal.start(lineOf("README.md", /pnpm@12 demo$/), /^Ctrl-C stops it\.$/m);

    expect(terminal.screen()).toMatch(/^Run run_\S+: completed$/m);
    expect(terminal.screen()).toMatch(/ {2}lead_qualified$/m);
    expect(terminal.screen()).toContain('"prospect_quality": "high"');
    expect(terminal.screen()).toContain('"route": "sales"');
    for (const [line = ""] of terminal.screen().matchAll(/(?<=^ {2})curl (?!-N).*$/gm)) expect(await terminal.aside(line)).toMatch(/^\{"/);
    expect(await terminal.interrupt()).toBe(130);
  });

  test("hello answers the original's curl, and completes", async () => {
    const port = await freePort();
    await using server = openTerminal({ OPENVIBE_SQLITE_PATH: join(folder, "hello.db") });
    await using terminal = openTerminal();
    const file = await saveAs("operators/hello.ts", "hello/hello.ts", port);

    await server.start(lineOf("README.md", /exec node .*operators\/hello\.ts/).replace("operators/hello.ts", file), SERVES);
    const accepted = await terminal.type(withPort(lineOf("README.md", /curl -X POST .*operators\/hello\/activate/), port));
    const list = withPort(lineOf("README.md", /^curl \S+\/v1\/runs$/), port);

    expect(JSON.parse(accepted.stdout)).toMatchObject({ operator_id: "hello", workflow_id: "greet", status: "queued" });
    await until(async () => (await terminal.type(list)).stdout.includes('"output":{"greeting":"[echo] Say hello!"}'));
    expect(await server.interrupt()).toBe(130);
  });

  test("dev serves hello to curl and to the command", async () => {
    const port = await freePort();
    await using server = openTerminal({ OPENVIBE_PORT: String(port), OPENVIBE_SQLITE_PATH: join(folder, "dev.db") });
    await using terminal = openTerminal({ OPENVIBE_URL: `http://127.0.0.1:${port}` });

    await server.start(lineOf("README.md", /openvibe dev operators\/hello\/index\.ts$/), SERVES);
    const waited = await terminal.type(withPort(lineOf("docs/quickstart.md", /curl .*operators\/hello\/activate.*prefer: wait/), port));
    const run = await terminal.type(lineOf("docs/quickstart.md", /openvibe run hello greet --wait$/));
    const list = await terminal.type(lineOf("docs/quickstart.md", /openvibe runs ls$/));

    expect(JSON.parse(waited.stdout)).toMatchObject({ status: "completed", output: { greeting: "[echo] Say hello!" } });
    expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/completed {2}hello\.greet[\s\S]*\[echo\] Say hello!/) });
    expect(list.stdout.match(/hello\.greet +completed/g)).toHaveLength(2);
    await server.interrupt();
  });

  test("the quickstart's own operator triages a ticket and counts it", async () => {
    const port = await freePort();
    await using server = openTerminal({ OPENVIBE_PORT: String(port), OPENVIBE_SQLITE_PATH: join(folder, "tickets.db") });
    await using terminal = openTerminal();
    const file = await saveAs("operators/tickets/index.ts", "tickets/index.ts", port);

    await server.start(lineOf("docs/quickstart.md", /openvibe dev operators\/tickets/).replace("operators/tickets/index.ts", file), SERVES);
    const run = await terminal.type(withPort(lineOf("docs/quickstart.md", /curl .*operators\/tickets\/activate/), port));
    const count = await terminal.type(withPort(lineOf("docs/quickstart.md", /curl .*context-tickets\/count$/), port));

    expect(JSON.parse(run.stdout)).toMatchObject({
      status: "completed",
      output: { urgency: 0, answer: "[echo] Answer kindly: The door is open.", handled_by: "machine" },
    });
    expect(JSON.parse(count.stdout)).toMatchObject({ value: 1 });
    await server.interrupt();
  });

  test("with a key a lead is scored by the vendor's model, and company_intel is asked", async () => {
    const port = await freePort();
    await using vendor = await startVendor();
    await using server = openTerminal({
      OPENVIBE_PORT: String(port),
      OPENVIBE_SQLITE_PATH: join(folder, "lead.db"),
      OPENVIBE_LLM_BASE_URL: vendor.env.OPENVIBE_LLM_BASE_URL ?? "",
    });
    await using terminal = openTerminal();

    await server.start(lineOf("README.md", /^ANTHROPIC_API_KEY=/).replace("…", "none-needed"), SERVES);
    const run = await terminal.type(withPort(lineOf("README.md", /curl .*operators\/revenue_ops\/activate/), port));

    expect(JSON.parse(run.stdout)).toMatchObject({
      status: "completed",
      output: { company_intel: { company_name: "Stripe", prospect_quality: "high" }, crm_updated: true },
    });
    expect(vendor.asked()).toHaveLength(3);
    await server.interrupt();
  });

  test("two servers find each other, and what was accepted while one is dead completes when it is back", async () => {
    const [one, two] = [await freePort(), await freePort()];
    const ports = (line: string) => line.replaceAll("8000", String(one)).replaceAll("8001", String(two));
    const env = { XDG_CACHE_HOME: await cacheOfOurOwn() };
    await using first = openTerminal(env);
    await using second = openTerminal(env);
    await using third = openTerminal(env);
    await using cleanup = new AsyncDisposableStack();
    const down = lineOf("README.md", /stack down$/);
    cleanup.defer(async () => void (await third.type(down)));

    for (const terminal of [third, first, second]) await terminal.type(lineOf("README.md", /^eval .*stack up/));
    const serveIntel = ports(lineOf("README.md", /serve --operators company_intel/));
    const serveRevenue = ports(lineOf("README.md", /serve --operators revenue_ops/));
    await Promise.all([first.start(serveIntel, SERVES), second.start(serveRevenue, SERVES)]);
    const run = await third.type(ports(lineOf("README.md", /openvibe run revenue_ops .*"c1".* --wait/)));
    const list = await third.type(ports(lineOf("README.md", /openvibe runs ls/)));

    expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/completed {2}revenue_ops\.lead_qualification/) });
    expect(list.stdout).toMatch(/revenue_ops\.lead_qualification +completed/);

    process.kill(Number(/"pid":(\d+).*"worker takes work"/.exec(second.screen())?.[1]), "SIGKILL");
    await second.ended();
    const accepted = await third.type(ports(lineOf("README.md", /openvibe run revenue_ops .*"c2"/)));
    expect(accepted).toMatchObject({ code: 0, stdout: expect.stringMatching(/queued {2}revenue_ops/) });
    await second.start(serveRevenue, SERVES);

    const runUrl = `http://127.0.0.1:${one}/v1/operators/revenue_ops/runs/${/run_\S+/.exec(accepted.stdout)?.[0]}`;
    await until(async () => ((await (await fetch(runUrl)).json()) as { status: string }).status === "completed");
    await Promise.all([first.interrupt(), second.interrupt()]);
    expect((await third.type(down)).stdout).toMatch(/^ended nats .*\nended postgres /m);
  });
});

test("every command that README and quickstart show was typed", () => {
  const shown = [...pages.keys()].flatMap((page) => blocksOf(page, "sh").flatMap(({ text }) => linesOf(text)));

  expect([...new Set(shown)].filter((line) => !typed.has(line))).toEqual(["npx -y pnpm@12 test"]);
});

const SERVES = /^OpenVibe serves \S.* at http:\S+$/m;
const typed = new Set<string>();

function readBlocks(page: string, text: string): readonly Block[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", block = ""]) => ({ page, language, text: block }));
}

function blocksOf(page: string, language: string): readonly Block[] {
  return (pages.get(page) ?? []).filter((block) => block.language === language);
}

function linesOf(text: string): readonly string[] {
  return text.replaceAll("\\\n", " ").trimEnd().split("\n");
}

/** The first line of a page's commands that matches. */
function lineOf(page: string, pattern: RegExp): string {
  const line = blocksOf(page, "sh")
    .flatMap(({ text }) => linesOf(text))
    .find((each) => pattern.test(each));
  if (line === undefined) throw new Error(`${page} shows no command like ${pattern}`);
  typed.add(line);
  return line;
}

function withPort(line: string, port: number): string {
  return line.replace("localhost:8000", `localhost:${port}`);
}

async function save(name: string, text: string): Promise<string> {
  const file = join(BLOCKS, name);
  await mkdir(dirname(join(ROOT, file)), { recursive: true });
  await writeFile(join(ROOT, file), text);
  return file;
}

/** Saves the block that the docs save as `shown`, in our folder. */
async function saveAs(shown: string, name: string, port: number): Promise<string> {
  const { page = "", block = -1 } = SAVED[shown] ?? {};
  return await save(name, (blocksOf(page, "ts")[block]?.text ?? "").replace("port: 8000", `port: ${port}`));
}

/** Knows what was built on this machine, and none of the servers that a person keeps. */
async function cacheOfOurOwn(): Promise<string> {
  const theirs = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "openvibe");
  const ours = join(folder, "cache", "openvibe");
  await mkdir(ours, { recursive: true });
  const built = existsSync(theirs) ? (await readdir(theirs)).filter((name) => name.startsWith("nats-server-")) : [];
  for (const name of built) await symlink(join(theirs, name), join(ours, name));
  return dirname(ours);
}

interface Typed {
  readonly stdout: string;
  readonly code: number;
}

interface Terminal extends AsyncDisposable {
  /** Types a line and waits for its end. */
  type(line: string): Promise<Typed>;
  /** Types a line that goes on, and waits for the screen to show that it is ready. */
  start(line: string, ready: RegExp): Promise<void>;
  /** Runs a line while the started one goes on; gives its standard output. */
  aside(line: string): Promise<string>;
  /** What Ctrl-C does to the started line; gives its exit code. */
  interrupt(): Promise<number>;
  /** The exit code of the started line, once it has ended by itself. */
  ended(): Promise<number>;
  /** All that was written, errors included, since the last line was typed. */
  screen(): string;
}

/** For a machine that does much else; at rest the whole file takes half of it. */
const WITHIN_MS = 60_000;

/** A shell at the workspace's root, as a person has it: nothing of the test's own environment but what a login gives. What npx has fetched once is not asked for again. */
function openTerminal(env: Readonly<Record<string, string>> = {}): Terminal {
  const shell = spawn("bash", [], {
    cwd: ROOT,
    env: { ...loginEnvironment(), npm_config_prefer_offline: "true", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let screen = "";
  let number = 0;
  shell.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    screen += text;
  });
  shell.stderr.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
  });
  const put = (line: string) => {
    stdout = "";
    screen = "";
    number++;
    shell.stdin.write(`{ ${line}\n} </dev/null; printf '\\n(line %s ended with %s)\\n' ${number} $?\n`);
  };
  const end = () => new RegExp(`\\n\\(line ${number} ended with (\\d+)\\)\\n$`).exec(stdout);
  const ended = async () => {
    await until(
      async () => end() !== null,
      () => screen,
    );
    return Number(end()?.[1]);
  };
  return {
    async type(line) {
      put(line);
      const code = await ended();
      return { stdout: stdout.slice(0, end()?.index), code };
    },
    async start(line, ready) {
      put(line);
      await until(
        async () => ready.test(screen) || end() !== null,
        () => screen,
      );
      if (end() !== null) throw new Error(`${line} ended before it was ready:\n${screen}`);
    },
    async aside(line) {
      return (await promisify(execFile)("bash", ["-c", line])).stdout;
    },
    async interrupt() {
      for (const pid of await descendantsOf(shell.pid)) signal(pid, "SIGINT");
      return await ended();
    },
    ended,
    screen: () => screen,
    [Symbol.asyncDispose]: () => close(shell),
  };
}

/** Ends the shell and everything it started. */
async function close(shell: ChildProcessByStdio<Writable, Readable, Readable>): Promise<void> {
  const exited = once(shell, "exit");
  for (const pid of await descendantsOf(shell.pid)) signal(pid, "SIGKILL");
  shell.kill("SIGKILL");
  await exited;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended meanwhile
  }
}

/** Every process that came from this one: package managers give their scripts a process group of their own, so the group is not enough. */
async function descendantsOf(root: number | undefined): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir("/proc")) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, "utf8").catch(() => "") : "";
    const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const found: number[] = [];
  for (let added: readonly number[] = root === undefined ? [] : [root]; added.length > 0; found.push(...added))
    added = [...parents].filter(([, parent]) => added.includes(parent)).map(([pid]) => pid);
  return found;
}

/** Without what a test runner and a package manager's script add, and without settings of ours, but for where tests get their servers. */
function loginEnvironment(): Record<string, string> {
  const ours =
    /^(OPENVIBE_(?!TEST_)|VITEST|npm_|PNPM_)|^(NATS_URL|DATABASE_URL|ANTHROPIC_API_KEY|NODE_ENV|NODE_OPTIONS|NODE_PATH|INIT_CWD)$/;
  const kept = Object.entries(process.env).filter(([name, value]) => value !== undefined && !ours.test(name));
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.includes("node_modules"));
  return { ...Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""])), PATH: path.join(delimiter) };
}

async function until(holds: () => Promise<boolean>, shown = () => "nothing more is known"): Promise<void> {
  for (const end = Date.now() + WITHIN_MS; !(await holds()); await sleep(50))
    if (Date.now() > end) throw new Error(`what the test waits for did not happen within ${WITHIN_MS} ms:\n${shown()}`);
}
