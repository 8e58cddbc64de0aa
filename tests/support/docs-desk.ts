/** What a reader has before him: an empty folder with a clone beside it, and as many terminals as a page needs. Nobody else has its ports. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "@openvibe/stack";
import type { Page, Place } from "./docs-page.ts";
import { startVendor } from "./e2e-vendor.ts";
import { ROOT } from "./installed.ts";
import { loginEnvironment, openTerminal, type Terminal } from "./terminal.ts";

export interface Surroundings {
  /** A folder with openvibe and zod in its `node_modules`. */
  readonly installed: string;
  /** Has the Node that the workspace brings on its path. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Desk extends AsyncDisposable {
  save(name: string, text: string, place: Place): Promise<void>;
  /** The terminal of that number, in that place, with nothing running in it: what ran is stopped by Ctrl-C. */
  sitDown(number: number, place: Place): Promise<Terminal>;
  /** Ctrl-C in every terminal in which something runs. */
  stopAll(): Promise<void>;
  /** The first terminal in which nothing runs. */
  free(): number;
  /** A shown text with this desk's ports, and with the loopback vendor's address beside a vendor's key. */
  toReal(shown: string): string;
  /** A written text with the page's ports. */
  toShown(written: string): string;
  /** What all screens have shown so far, the terminal that was used last at the end. */
  written(): string;
}

/** `<port>`: what is written as 80.., in an address, a flag or a file. */
const PORT = /\b80\d\d\b/g;

export async function openDesk(page: Page, { installed, env }: Surroundings): Promise<Desk> {
  await using stack = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), "openvibe-docs-"));
  stack.defer(() => rm(home, { recursive: true, force: true }));
  await symlink(ROOT, join(home, "openvibe"));
  const vendor = stack.use(await startVendor());
  const servers = page.blocks.some(({ text }) => text.includes("stack up")) ? stack.use(await openServerCache()) : undefined;
  const ports = new Map<string, string>();
  for (const port of ["8000", ...page.blocks.flatMap(({ text }) => text.match(PORT) ?? [])])
    if (!ports.has(port)) ports.set(port, String(await freePort()));
  const real = (port: string) => ports.get(port) ?? port;

  const terminals = stack.use(new AsyncDisposableStack());
  const seats = new Map<number, { readonly terminal: Terminal; place: Place | undefined }>();
  let earlier = "";
  const seatOf = (number: number) => {
    const found = seats.get(number);
    if (found !== undefined) return found;
    const told = { OPENVIBE_PORT: real("8000"), OPENVIBE_URL: `http://127.0.0.1:${real("8000")}` };
    const seat = { terminal: terminals.use(openTerminal({ cwd: home, env: { ...told, ...servers?.env } })), place: undefined };
    seats.set(number, seat);
    return seat;
  };
  const goTo = (place: Place) => {
    if (place === "where openvibe is installed") return `cd '${home}'; export PATH='${env.PATH}'; unset OPENVIBE_SQLITE_PATH`;
    const login = `export PATH='${loginEnvironment().PATH}'`; // whose Node must do
    if (place === "beside the clone") return `cd '${home}'; ${login}; unset OPENVIBE_SQLITE_PATH`;
    return `cd '${ROOT}'; ${login} OPENVIBE_SQLITE_PATH='${join(home, "openvibe.db")}'`; // nobody's store comes to lie in the clone
  };
  const furnish = async (place: Place) => {
    if (place !== "where openvibe is installed" || existsSync(join(home, "node_modules"))) return;
    await symlink(join(installed, "node_modules"), join(home, "node_modules"));
    await writeFile(join(home, "package.json"), '{ "type": "module" }\n');
  };
  const toReal = (shown: string) =>
    shown
      .replace(PORT, real)
      .replace(/\b\w+_API_KEY=…/g, (key) => `OPENVIBE_LLM_BASE_URL=${vendor.env.OPENVIBE_LLM_BASE_URL} ${key.replace("…", "none-needed")}`);
  const stopAll = async () => {
    for (const { terminal } of seats.values()) if (terminal.busy()) await terminal.interrupt();
  };
  const moved = stack.move();
  return {
    stopAll,
    async save(name, text, place) {
      if (place === "in the clone") throw new Error("a page saves its files beside the clone, not in it");
      await furnish(place);
      await mkdir(dirname(join(home, name)), { recursive: true });
      await writeFile(join(home, name), toReal(text));
    },
    async sitDown(number, place) {
      const seat = seatOf(number);
      seats.delete(number);
      seats.set(number, seat); // the last one: what it shows is the newest
      if (seat.terminal.busy()) await seat.terminal.interrupt();
      earlier += seat.terminal.screen();
      if (seat.place === place) return seat.terminal;
      await furnish(place);
      await seat.terminal.type(goTo(place));
      seat.place = place;
      return seat.terminal;
    },
    free() {
      for (let number = 1; ; number++) if (seats.get(number)?.terminal.busy() !== true) return number;
    },
    toReal,
    toShown: (written) => [...ports].reduce((text, [shown, port]) => text.replaceAll(port, shown), written),
    written: () => earlier + [...seats.values()].map(({ terminal }) => terminal.screen()).join("\n"),
    async [Symbol.asyncDispose]() {
      await stopAll();
      await moved.disposeAsync();
    },
  };
}

/** For what `stack` keeps: knows what was built on this machine, and none of the servers that a person has up. Ends what a failed page left. */
async function openServerCache(): Promise<AsyncDisposable & { readonly env: Readonly<Record<string, string>> }> {
  const theirs = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "openvibe");
  const folder = await mkdtemp(join(tmpdir(), "openvibe-docs-cache-"));
  const ours = join(folder, "openvibe");
  await mkdir(ours);
  const built = existsSync(theirs) ? (await readdir(theirs)).filter((name) => name.startsWith("nats-server-")) : [];
  for (const name of built) await symlink(join(theirs, name), join(ours, name));
  const env = { XDG_CACHE_HOME: folder };
  return {
    env,
    async [Symbol.asyncDispose]() {
      const down = ["-C", "openvibe-source", "tools/stack/src/main.ts", "down"];
      await promisify(execFile)(process.execPath, down, { cwd: ROOT, env: { ...loginEnvironment(), ...env } });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
