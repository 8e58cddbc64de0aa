import type { NatsConnection } from "@nats-io/transport-node";

/** Who we are to the server, and its clock. */
export interface UserInfo {
  readonly account: string;
  readonly clock: { readonly aheadMs: number; readonly uncertainMs: number };
}

const WITHIN_MS = 2_000;

/** Asks the connected server itself. @throws the client's errors, also where the user may not ask */
export async function askUser(nc: NatsConnection): Promise<UserInfo> {
  const askedAt = Date.now();
  const message = await nc.request("$SYS.REQ.USER.INFO", "", { timeout: WITHIN_MS });
  const answeredAt = Date.now();
  const { server, data } = message.json<{ server?: { time?: string }; data?: { account?: string } }>();
  const time = Date.parse(server?.time ?? "");
  if (Number.isNaN(time)) throw new Error("it does not tell its time");
  const uncertainMs = (answeredAt - askedAt) / 2;
  return { account: data?.account ?? "", clock: { aheadMs: time - (askedAt + uncertainMs), uncertainMs: uncertainMs + 1 } };
}
