/** The API against its own document: hundreds of requests that fit it and that do not, made by schemathesis, all checks on. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer } from "../support/e2e-command.ts";
import { openSchemathesis } from "../support/schemathesis.ts";

test("whatever the document allows is taken, whatever it rules out is refused, and every answer is as it says", {
  timeout: 900_000,
}, async () => {
  const schemathesis = await openSchemathesis();
  const folder = await mkdtemp(join(tmpdir(), "openvibe-schemathesis-"));
  const env = { OPENVIBE_LLM: "echo", OPENVIBE_SQLITE_PATH: join(folder, "openvibe.db") };
  await using server = await startServer({
    command: "dev",
    files: ["operators/hello/index.ts", "operators/company_intel/index.ts"],
    env,
  });

  const { passed, report } = await schemathesis.run(server.url, { timeoutMs: 600_000 });
  await rm(folder, { recursive: true, force: true });

  expect(passed, report).toBe(true);
  expect(report).toMatch(/([3-9]\d\d|\d{4}) generated, \1 passed/);
});

test("without Python the failure is one line that says what is missing", async () => {
  await expect(openSchemathesis({ PATH: "/nowhere" })).rejects.toThrow(
    /^schemathesis needs Python 3\.11 or newer with pip on PATH: there is no python3\. On Debian: apt-get install python3-pip$/,
  );
});
