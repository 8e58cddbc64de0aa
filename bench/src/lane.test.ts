import { expect, test } from "vitest";
import { parseAnswer } from "./lane.ts";

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 6\r\n\r\n";

test("an answer is read once all its bytes are there, which are not its characters", () => {
  const whole = Buffer.from(`${HEAD}"ü€"`.replace("6\r\n\r\n", "7\r\n\r\n"));

  expect(parseAnswer(whole.subarray(0, 20))).toBeUndefined();
  expect(parseAnswer(whole.subarray(0, whole.length - 1))).toBeUndefined();
  expect(parseAnswer(whole)).toEqual({ status: 200, body: '"ü€"' });
});

test("an answer without a length is refused", () => {
  expect(parseAnswer(Buffer.from("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"))).toMatch(/without status or content-length/);
});
