import { spawn } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { serveCommand } from "./serve.ts";

export interface DevOptions {
  readonly port?: string;
  readonly watch: boolean;
}

/** `openvibe dev`: everything in this process. With watching, Node starts us again whenever a loaded file changes: the store keeps what runs. */
export async function dev(files: readonly string[], { port, watch }: DevOptions): Promise<void> {
  if (!watch) return await serveCommand(files, port === undefined ? {} : { port });
  const main = fileURLToPath(import.meta.url.replace(/dev\.(ts|js)$/, "main.$1"));
  const watched = files.length > 0 ? files.map((file) => dirname(resolve(file))) : [resolve("operators")];
  const args = [
    ...process.execArgv,
    "--watch",
    "--watch-preserve-output",
    ...new Set(watched).values().map((folder) => `--watch-path=${folder}`),
    main,
    "dev",
    "--no-watch",
    ...files,
  ];
  const child = spawn(process.execPath, [...args, ...(port === undefined ? [] : ["--port", port])], { stdio: "inherit" });
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => child.kill(name));
  process.exitCode = await new Promise<number>((done) => child.once("exit", (code) => done(code ?? 0)));
}
