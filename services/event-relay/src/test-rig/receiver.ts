import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly id: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** When it came, by the machine's clock. */
  readonly at: number;
}

/** A receiver of webhooks on loopback, which keeps what it was sent and answers as `answer` says: 204 by default. */
export async function startReceiver(
  answer: (response: ServerResponse, received: Received) => void = (response) => response.writeHead(204).end(),
) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const headers = request.headers as Record<string, string>;
    const one = { id: headers["webhook-id"] ?? "", body: Buffer.concat(chunks).toString("utf8"), headers, at: performance.now() };
    received.push(one);
    receiver.answer(response, one);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const receiver = {
    received,
    answer,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    ids: () => received.map(({ id }) => id),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return receiver;
}
