/** One HTTP/1.1 exchange over a socket of its own: every byte of the request is the caller's, which `fetch` would not allow. */
import { connect } from "node:net";

export interface Exchanged {
  /** `undefined`: the server closed the connection, or said nothing for `withinMs`. */
  readonly status: number | undefined;
  readonly head: string;
  readonly body: string;
  readonly timedOut: boolean;
  readonly tookMs: number;
}

/** Reads until the server closes, until a whole answer is there, or, of a stream, until its head is. */
export function exchange(port: number, bytes: Buffer, withinMs: number): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    let answer = "";
    let timedOut = false;
    let silent = false;
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const timer = setTimeout(() => {
      timedOut = true;
      socket.destroy();
    }, withinMs);
    // What is no whole request is waited for by the server; it hears here that nothing more comes.
    const hangUp = setTimeout(() => {
      silent = true;
      socket.end();
    }, withinMs / 2);
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => {
      answer += chunk;
      if (isEnough(answer)) socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") reject(error);
    });
    socket.on("close", () => {
      clearTimeout(timer);
      clearTimeout(hangUp);
      const split = answer.indexOf("\r\n\r\n");
      const head = split === -1 ? answer : answer.slice(0, split);
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
      resolve({
        status: status === undefined ? undefined : Number(status),
        head,
        body: split === -1 ? "" : Buffer.from(bodyOf(answer, split), "latin1").toString("utf8"),
        timedOut: timedOut && !silent,
        tookMs: performance.now() - begun,
      });
    });
  });
}

const lengthOf = (head: string): number | undefined => {
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  return length === undefined ? undefined : Number(length);
};

/** Of a damaged request the rest may be taken for a second one: its answer is another one's. */
function bodyOf(answer: string, split: number): string {
  const length = lengthOf(answer.slice(0, split));
  return answer.slice(split + 4, length === undefined ? undefined : split + 4 + length);
}

function isEnough(answer: string): boolean {
  const split = answer.indexOf("\r\n\r\n");
  if (split === -1) return false;
  const head = answer.slice(0, split);
  if (/content-type: text\/event-stream/i.test(head) || /^HTTP\/1\.1 (?:204|304)/.test(head)) return true;
  const length = lengthOf(head);
  return length !== undefined && answer.length - split - 4 >= length;
}
