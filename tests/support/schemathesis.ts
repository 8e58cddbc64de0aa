/** schemathesis (https://schemathesis.readthedocs.io): tries an API with what its OpenAPI document allows, and with what it rules out. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "@openvibe/stack";
import { installPythonPackages } from "./python-packages.ts";

const FILES = fileURLToPath(new URL("schemathesis/", import.meta.url));

export interface Schemathesis {
  /** Tries the API at the address with all checks; the report is for people. */
  run(url: string, options: { readonly timeoutMs: number }): Promise<{ readonly passed: boolean; readonly report: string }>;
}

/** Installs it once per machine. @throws an error of one line when there is no Python, or no way to install it */
export async function openSchemathesis(env: NodeJS.ProcessEnv = process.env): Promise<Schemathesis> {
  const { python, folder } = await installPythonPackages(join(FILES, "requirements.txt"), env);
  return {
    async run(url, { timeoutMs }) {
      const cwd = await mkdtemp(join(tmpdir(), "openvibe-schemathesis-")); // it leaves files where it runs
      try {
        const args = ["--config-file", join(FILES, "schemathesis.toml"), "run", `${url}/openapi.json`, "--checks", "all", "--no-color"];
        const { output, failure } = await runCommand(python, [join(folder, "bin/st"), ...args], {
          cwd,
          env: { ...env, PYTHONPATH: `${folder}:${FILES}`, PYTHONDONTWRITEBYTECODE: "1", PYTHONUTF8: "1" },
          timeoutMs,
        });
        return { passed: failure === undefined, report: failure === undefined ? output : `${output}\n${failure}` };
      } finally {
        await rm(cwd, { recursive: true, force: true });
      }
    },
  };
}
