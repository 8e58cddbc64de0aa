import { CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { parseFile, parseList, parsePort, parseReplicas, parseRoles, parseServerUrl, parseTimeout } from "./flags.ts";

describe("what is typed after a flag", () => {
  test.each<[string, (text: string) => unknown, string, unknown]>([
    ["--port", parsePort, "0", "0"],
    ["--port", parsePort, "65535", "65535"],
    ["--replicas", parseReplicas, "3", "3"],
    ["--roles", parseRoles, "gateway, worker", ["gateway", "worker"]],
    ["--operators", parseList, "a, b,,c", ["a", "b", "", "c"]],
    ["--timeout", parseTimeout, "90s", 90_000],
    ["--url", parseServerUrl, "http://127.0.0.1:8000//", "http://127.0.0.1:8000"],
    ["--url", parseServerUrl, "https://openvibe.internal/base", "https://openvibe.internal/base"],
  ])("%s reads %3$j", (_flag, parse, text, value) => {
    expect(parse(text)).toEqual(value);
  });

  test.each<[string, (text: string) => unknown, string, RegExp]>([
    ["--port", parsePort, "abc", /from 0 to 65535/],
    ["--port", parsePort, "99999", /from 0 to 65535/],
    ["--port", parsePort, "-1", /from 0 to 65535/],
    ["--port", parsePort, "80.5", /from 0 to 65535/],
    ["--port", parsePort, "", /from 0 to 65535/],
    ["--port", parsePort, " 80", /from 0 to 65535/],
    ["--replicas", parseReplicas, "0", /from 1 to 5/],
    ["--roles", parseRoles, "bad", /"bad" is no role; there are gateway, worker, event-relay, scheduler/],
    ["--roles", parseRoles, "gateway,,worker", /"" is no role/],
    ["--timeout", parseTimeout, "90", /90s, 5m or 2h/],
    ["--timeout", parseTimeout, "-5s", /90s, 5m or 2h/],
    ["--url", parseServerUrl, "127.0.0.1:8000", /http:\/\/127\.0\.0\.1:8000/],
    ["--url", parseServerUrl, "ftp://a", /such as/],
    ["--url", parseServerUrl, "", /such as/],
  ])("%s refuses %3$j, with what is allowed", (_flag, parse, text, allowed) => {
    expect(() => parse(text)).toThrow(allowed);
    expect(() => parse(text)).toThrow(CommanderError); // which ends the command with 2
  });

  test("files are kept in their order, and must be there", () => {
    const here = new URL(import.meta.url).pathname;

    expect(parseFile(here, ["a.ts"])).toEqual(["a.ts", here]);
    expect(() => parseFile("gone.ts", [])).toThrow(/There is no file \/.*\/gone\.ts\./);
  });
});
