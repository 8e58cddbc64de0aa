import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { followLoadedModules, tellLoadedModules } from "./loaded-modules.ts";
import { serveCommand } from "./serve.ts";
import { watchFiles } from "./watch-files.ts";

export interface DevOptions {
  readonly port?: string;
  readonly watch: boolean;
  /** Runs by the clock as well. */
  readonly cron?: boolean;
}

/** `openvibe dev`: everything in one process, started again whenever a file of it changes: the store keeps what runs. */
export async function dev(files: readonly string[], options: DevOptions): Promise<void> {
  if (options.watch) return await serveAgainAndAgain(files, options);
  endWithParent();
  const { port, cron } = options;
  const watched = process.channel === undefined ? {} : { onLoaded: tellLoadedModules() };
  await serveCommand(files, { dev: true, ...watched, ...(port === undefined ? {} : { port }), ...(cron === undefined ? {} : { cron }) });
}

async function serveAgainAndAgain(files: readonly string[], options: DevOptions): Promise<void> {
  const roots = files.length > 0 ? files.map((file) => dirname(resolve(file))) : [resolve("operators")];
  const stop = new AbortController();
  const stopped = once(stop.signal, "abort");
  let server: ChildProcess | undefined;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      stop.abort();
      server?.kill(name); // each one: the second SIGINT ends a server that drains
    });
  }
  while (!stop.signal.aborted) {
    let isLoaded = (_module: string) => true;
    using sources = watchFiles(roots, (module) => isLoaded(module)); // before the server reads them
    server = startServer(files, options);
    isLoaded = followLoadedModules(server);
    const exited = once(server, "exit").then(([code]) => (code as number | null) ?? 1);
    const changed = await Promise.race([sources.changed, exited]);
    if (typeof changed === "string") {
      process.stderr.write(`openvibe: ${relative(process.cwd(), changed)} changed, starting again\n`);
      server.kill("SIGTERM");
    }
    const code = await exited;
    if (stop.signal.aborted || sources.folders === 0) process.exitCode = code;
    if (sources.folders === 0) return;
    if (typeof changed === "string" || stop.signal.aborted) continue;
    process.stderr.write("openvibe: waiting for a change of a file\n");
    await Promise.race([sources.changed, stopped]);
    process.exitCode = code;
  }
}

/** In a session of its own: Ctrl-C in a terminal goes to everybody in it, and the server shall hear of it once, from us. */
function startServer(files: readonly string[], { port, cron }: DevOptions): ChildProcess {
  const main = fileURLToPath(import.meta.url.replace(/dev\.(ts|js)$/, "main.$1"));
  const args = ["dev", "--no-watch", ...(port === undefined ? [] : ["--port", port]), ...(cron === true ? ["--cron"] : []), "--", ...files];
  return spawn(process.execPath, [...process.execArgv, main, ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    detached: process.platform !== "win32",
  });
}

/** A server whose `openvibe dev` was killed drains and ends, so that the port and the store are free. */
function endWithParent(): void {
  if (process.channel === undefined) return;
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel?.unref();
}
