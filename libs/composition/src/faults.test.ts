import { describe, expect, test } from "vitest";
import { parseFaults } from "./faults.ts";

describe("switching promises off", () => {
  test.each([undefined, "production", "development", "Test"])("is refused where NODE_ENV is %s", (NODE_ENV) => {
    const parse = () => parseFaults({ NODE_ENV, OPENVIBE_TEST_FAULTS: "noOwnerCheck" });

    expect(parse).toThrow(expect.objectContaining({ code: "OV_CONFIG_INVALID" }));
    expect(parse).toThrow(/OPENVIBE_TEST_FAULTS .*NODE_ENV=test/);
  });

  test("is possible in tests", () => {
    expect(parseFaults({ NODE_ENV: "test", OPENVIBE_TEST_FAULTS: "noOwnerCheck,sweepNothing" })).toEqual({
      noOwnerCheck: true,
      sweepNothing: true,
    });
  });

  test.each(["noCheck", "noOwnerCheck,", " noOwnerCheck", "constructor"])(
    "by a name that is none (%j) is refused, with those there are",
    (names) => {
      const parse = () => parseFaults({ NODE_ENV: "test", OPENVIBE_TEST_FAULTS: names });

      expect(parse).toThrow(expect.objectContaining({ code: "OV_CONFIG_INVALID" }));
      expect(parse).toThrow(/there are answerBeforeInsert, .*, sweepNothing$/);
    },
  );

  test.each([{}, { OPENVIBE_TEST_FAULTS: "" }, { NODE_ENV: "test" }])("does not happen by itself (%j)", (env) => {
    expect(parseFaults(env)).toBeUndefined();
  });
});
