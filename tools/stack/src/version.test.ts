import { describe, expect, test } from "vitest";
import { findDebianVersion, findVersion, formatVersion, isAtLeast } from "./version.ts";

describe("a version is found in what a program prints", () => {
  test.each([
    ["nats-server: v2.9.10", "2.9.10"],
    ["nats-server: v2.15.2\n", "2.15.2"],
    ["nats-server: v2.12.6-RC.1", "2.12.6-RC.1"],
    ["nats-server: v2.15.0-dev", "2.15.0-dev"],
    ["postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "15.18.0"],
    ["postgres (PostgreSQL) 9.6.24", "9.6.24"],
    ["postgres (PostgreSQL) 19beta1", "19.0.0-beta1"],
    ["2.11.4", "2.11.4"],
  ])("%j is %s", (text, expected) => {
    const version = findVersion(text);

    expect(version && formatVersion(version)).toBe(expected);
  });

  test.each(["", "nats-server: command not found", "nats-server: (devel)"])("%j holds none", (text) => {
    expect(findVersion(text)).toBeUndefined();
  });
});

describe("a version is found in what apt-cache prints", () => {
  test.each([
    ["2.9.10-1+b3", "2.9.10"],
    ["1:2.12.6-2", "2.12.6"],
    ["2.12.6~rc1-1", "2.12.6-rc1"],
    ["15+248+deb12u2", "15.0.0"],
  ])("%j is %s", (text, expected) => {
    const version = findDebianVersion(text);

    expect(version && formatVersion(version)).toBe(expected);
  });

  test("a package without a candidate has none", () => {
    expect(findDebianVersion("(none)")).toBeUndefined();
  });
});

describe("2.12.6 is wanted", () => {
  test.each([
    ["2.12.6", true],
    ["2.12.7", true],
    ["2.15.0", true],
    ["3.0.0", true],
    ["2.13.0-RC.1", true],
    ["2.12.5", false],
    ["2.9.10", false],
    ["1.99.99", false],
    ["2.12.6-RC.1", false],
  ])("%s is new enough: %s", (text, expected) => {
    const version = findVersion(text);

    expect(version && isAtLeast(version, { major: 2, minor: 12, patch: 6 })).toBe(expected);
  });
});
