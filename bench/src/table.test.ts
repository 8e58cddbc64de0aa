import { expect, test } from "vitest";
import { renderTable } from "./table.ts";

test("names stand to the left, numbers to the right, under a rule", () => {
  const table = renderTable([
    ["median", "a", "bigger"],
    ["p50 ms", "12.5", "3"],
    ["x", "", "4"],
  ]);

  expect(table.split("\n")).toEqual(["median     a  bigger", "------  ----  ------", "p50 ms  12.5       3", "x                  4"]);
});
