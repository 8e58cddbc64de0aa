import { freePort } from "@openvibe/stack";
import { expect, test } from "vitest";
import { ROOT } from "../support/installed.ts";
import { openTerminal } from "../support/terminal.ts";

test("the demo qualifies a lead and stays up; each command that it prints works", async () => {
  await using terminal = openTerminal({ cwd: ROOT, env: { OPENVIBE_PORT: String(await freePort()) } });

  await terminal.start("npx -y pnpm@12 demo", /^Ctrl-C stops it\.$/m);

  expect(terminal.screen()).toMatch(/^Run run_\S+: completed$/m);
  expect(terminal.screen()).toMatch(/ {2}lead_qualified$/m);
  expect(terminal.screen()).toContain('"prospect_quality": "high"');
  expect(terminal.screen()).toContain('"route": "sales"');
  for (const [line = ""] of terminal.screen().matchAll(/(?<=^ {2})curl (?!-N).*$/gm)) expect(await terminal.aside(line)).toMatch(/^\{"/);
  expect(await terminal.interrupt()).toBe(130);
});
