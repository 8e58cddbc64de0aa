import { expect, test } from "vitest";
import { parseSoakOptions } from "./options.ts";

test("without arguments both forms are under load for ten minutes", () => {
  expect(parseSoakOptions([])).toEqual({ minutes: 10, perSecond: 20, only: ["embedded", "mesh"], streams: false });
});

test("pnpm's dashes do no harm", () => {
  expect(parseSoakOptions(["--", "--minutes", "3.5", "--only", "mesh"])).toEqual({
    minutes: 3.5,
    perSecond: 20,
    only: ["mesh"],
    streams: false,
  });
});

test("streams are under load for three minutes", () => {
  expect(parseSoakOptions(["--streams"])).toMatchObject({ minutes: 3, perSecond: 20, streams: true });
});

test.each([["--streams", "--only", "mesh"], ["--only", "c"], ["--minutes", "1"], ["--minutes", ""], ["--per-second", "many"], ["--fast"]])(
  "%s %s is refused",
  (...args) => {
    expect(() => parseSoakOptions(args)).toThrow(/--/);
  },
);
