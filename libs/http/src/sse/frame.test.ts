import { describe, expect, test } from "vitest";
import { acceptsEventStream } from "./accept.ts";
import { encodeFrame } from "./frame.ts";
import { SseParser } from "./sse-parser.ts";

describe("a frame", () => {
  test("carries id, event and data in fields of their own", () => {
    expect(encodeFrame({ id: "e.1.d", event: "run.completed", data: '{"a":1}' }).toString()).toBe(
      'id: e.1.d\nevent: run.completed\ndata: {"a":1}\n\n',
    );
  });

  test("with only an id or only a retry time is a frame, too", () => {
    expect(encodeFrame({ id: "e.1.d" }).toString()).toBe("id: e.1.d\n\n");
    expect(encodeFrame({ retryMs: 1234.6 }).toString()).toBe("retry: 1235\n\n");
  });

  test.each(["\n", "\r", "\r\n", "\0"])("cannot be broken out of with %j in its id, type or comment", (evil) => {
    const parser = new SseParser();
    const text = `x${evil}data: injected${evil}${evil}event: fake${evil}data: fake${evil}${evil}`;

    const messages = parser.push(encodeFrame({ comment: text, id: text, event: text, data: "mine" }));

    expect(messages).toHaveLength(1);
    expect(messages[0]?.data).toBe("mine");
    expect(messages[0]?.event).toBe("xdata: injectedevent: fakedata: fake");
  });

  test("gives data of several lines back, whatever ended them", () => {
    const parser = new SseParser();

    const [message] = parser.push(encodeFrame({ data: "one\ntwo\r\nthree\rid: 4\n\nevent: no" }));

    expect(message).toEqual({ event: "message", data: "one\ntwo\nthree\nid: 4\n\nevent: no", id: undefined, lastEventId: "" });
  });
});

describe("the parser", () => {
  test("reads the same from pieces of any size", () => {
    const text = ": hi\r\nretry: 70\r\nid: 1\r\nevent: a\r\ndata: Grüße\r\n\r\nid: 2\n\ndata: x\rdata:y\r\rid: 3\ndata: cut";
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length; size++) {
      const parser = new SseParser("0");
      const messages = [];
      for (let at = 0; at < bytes.length; at += size) messages.push(...parser.push(bytes.subarray(at, at + size)));
      expect(messages).toEqual([
        { event: "a", data: "Grüße", id: "1", lastEventId: "1" },
        { event: "message", data: "x\ny", id: undefined, lastEventId: "2" },
      ]);
      expect(parser.lastEventId).toBe("2"); // the frame that was cut does not count
      expect(parser.retryMs).toBe(70);
    }
  });
});

describe("the Accept header", () => {
  test.each([
    [undefined, true],
    ["", true],
    ["*/*", true],
    ["text/*;q=0.1", true],
    ["application/json, text/event-stream", true],
    ["Text/Event-Stream", true],
    ["application/json", false],
    ["text/event-stream;q=0, */*", false],
    ["text/html, text/*;q=0, */*;q=0.5", false],
    ["text/event-stream; charset=utf-8", true],
    ["nonsense", false],
  ])("%j admits an event stream: %s", (header, expected) => {
    expect(acceptsEventStream(header)).toBe(expected);
  });
});
