/** The page on testing says that its test runs without a line changed in memory, and on NATS and Postgres: here it does. */
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { startNats, startPostgres } from "@openvibe/stack";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPage } from "../support/docs-page.ts";
import { ROOT } from "../support/installed.ts";

/** Inside the workspace, so that imports are found. */
const FOLDER = join(ROOT, "tests/.test-kit");

beforeAll(async () => {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER);
  await writeFile(join(FOLDER, ".gitignore"), "*\n");
  const { blocks } = await readPage("docs/testing.md");
  for (const { save, text } of blocks) if (save !== undefined) await writeFile(join(FOLDER, save), text);
});
afterAll(() => rm(FOLDER, { recursive: true, force: true }));

async function runIt(env: Readonly<Record<string, string>>): Promise<string> {
  const args = ["-C", "openvibe-source", "--test", "--test-reporter=tap", join(FOLDER, "nurture.test.ts")];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH: process.env.PATH ?? "", ...env } }).catch(
    (error: unknown) => error as { stdout: string },
  );
  return stdout;
}

test("in memory", async () => {
  expect(await runIt({})).toMatch(/^# pass 3\n# fail 0$/m);
});

test("on NATS and Postgres, where it leaves no schema behind", async () => {
  await using nats = await startNats({ own: true });
  await using postgres = await startPostgres({ own: true });
  const databaseUrl = await postgres.createDatabase();

  expect(await runIt({ OPENVIBE_TEST_NATS_URL: nats.url, OPENVIBE_TEST_DATABASE_URL: databaseUrl })).toMatch(/^# pass 3\n# fail 0$/m);

  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'test%'");
  await client.end();
  expect(rows).toEqual([]);
});
