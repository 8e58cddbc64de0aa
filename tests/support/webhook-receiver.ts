import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Client as PostgresClient } from "pg";

/** A request that a receiver was sent. */
export interface Received {
  /** Of the event, as the header has it. */
  readonly id: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** Ids of what it said that it has taken. */
  readonly taken: ReadonlySet<string>;
}

/** Keeps what it was sent, and says `500` to it as often as `fails` wants. */
export async function startReceiver(fails: () => boolean): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const taken = new Set<string>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const headers = request.headers as Record<string, string>;
    const id = headers["webhook-id"] ?? "";
    received.push({ id, body: Buffer.concat(chunks).toString("utf8"), headers });
    await sleep(20);
    if (fails()) return void response.writeHead(500).end();
    taken.add(id);
    response.writeHead(200).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    received,
    taken,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** What was in the hands of a killed relay, or failed, is sent at once instead of in half a minute. Gives whether all of these were taken in time. */
export async function hurryDeliveries(
  databaseUrl: string,
  { taken }: WebhookReceiver,
  wanted: readonly string[],
  withinMs: number,
): Promise<boolean> {
  const database = new PostgresClient({ connectionString: databaseUrl });
  await database.connect();
  try {
    for (const end = Date.now() + withinMs; Date.now() < end; await sleep(500)) {
      if (wanted.every((id) => taken.has(id))) return true;
      await database.query("UPDATE openvibe.deliveries SET next_at = 0 WHERE next_at IS NOT NULL");
    }
    return false;
  } finally {
    await database.end();
  }
}
