import { once } from "node:events";
import { connect } from "node:net";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * One kept-alive connection, one request at a time. Far lighter than `node:http`: the client shares the cores with what it measures.
 * Knows only answers with a `content-length`.
 */
export interface Lane extends Disposable {
  post(path: string, body: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

const SILENT_FOR_MS = 40_000;
const HEAD_END = "\r\n\r\n";

/** @throws the socket's error when nobody listens there */
export async function openLane(port: number): Promise<Lane> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let waiting: PromiseWithResolvers<Answer> | undefined;
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure ??= error;
    waiting?.reject(failure);
    waiting = undefined;
    socket.destroy();
  };
  await once(socket, "connect");
  socket.setTimeout(SILENT_FOR_MS, () => {
    if (waiting !== undefined) fail(new Error(`port ${port} did not answer within ${SILENT_FOR_MS} ms`));
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error(`port ${port} closed the connection`)));
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const answer = parseAnswer(received);
    if (answer === undefined) return;
    if (typeof answer === "string") return fail(new Error(answer));
    received = Buffer.alloc(0);
    const { resolve } = waiting ?? {};
    waiting = undefined;
    resolve?.(answer);
  });
  return {
    post(path, body, headers = {}) {
      if (failure !== undefined) return Promise.reject(failure);
      waiting = Promise.withResolvers<Answer>();
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      const length = Buffer.byteLength(body);
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${lines.join("")}\r\n${body}`,
      );
      return waiting.promise;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

export async function openLanes(port: number, count: number): Promise<{ readonly list: readonly Lane[] } & Disposable> {
  using opening = new DisposableStack();
  const list: Lane[] = [];
  for (let index = 0; index < count; index++) list.push(opening.use(await openLane(port)));
  const stack = opening.move();
  return { list, [Symbol.dispose]: () => stack.dispose() };
}

/** The answer, once it is whole; a text says why it cannot be read. */
export function parseAnswer(bytes: Buffer): Answer | string | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const head = bytes.toString("latin1", 0, headEnd);
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (status === undefined || length === undefined) return `an answer without status or content-length: ${head}`;
  const from = headEnd + HEAD_END.length;
  const to = from + Number(length);
  if (bytes.length < to) return undefined;
  return { status: Number(status), body: bytes.toString("utf8", from, to) };
}
