import { type Logger, silentLogger } from "@openvibe/core";
import { expect, test } from "vitest";
import { checkServerVersion } from "./server-version.ts";

function check(version: string): { warned: boolean } {
  let warned = false;
  const log: Logger = { ...silentLogger, warn: () => (warned = true) };
  checkServerVersion(version, log);
  return { warned };
}

test.each(["2.9.25", "1.4.1", "0.0.0", "nonsense"])("%s is refused", (version) => {
  expect(() => check(version)).toThrow(expect.objectContaining({ code: "OV_BUS_CONFIG", message: expect.stringContaining("2.10.0") }));
});

test.each(["2.10.0", "2.10.27", "2.11.99", "2.12.5", "2.12.5-RC.1"])("%s is warned of", (version) => {
  expect(check(version)).toEqual({ warned: true });
});

test.each(["2.12.6", "2.14.0", "2.15.2", "v3.0.0", "2.15.0-dev"])("%s is fine", (version) => {
  expect(check(version)).toEqual({ warned: false });
});
