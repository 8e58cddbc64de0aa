import { expect, test } from "vitest";
import { parseHeaderText, toHeaderText } from "./header-text.ts";

test.each([
  ["run_1:4", "run_1:4"],
  ["/operators/a", "/operators/a"],
  ["", ""],
  ["naïve step", "na%C3%AFve%20step"],
  ['100 % "sure"', "100%20%25%20%22sure%22"],
  ["line\r\nX-Evil: 1", "line%0D%0AX-Evil:%201"],
  ["\ud83d\ude00\u0000\u007f", "%F0%9F%98%80%00%7F"],
])("%j travels as %j and comes back", (value, header) => {
  expect(toHeaderText(value)).toBe(header);
  expect(parseHeaderText(header)).toBe(value);
});

test("what others wrote without encoding comes back as it is", () => {
  expect(parseHeaderText("50% off")).toBe("50% off");
  expect(toHeaderText("lone \ud800")).toBe("lone%20%EF%BF%BD");
});
