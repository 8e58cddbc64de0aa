import { connect } from "@nats-io/transport-node";
import { inject } from "vitest";

/** As an administrator removes it from the run's nats-server: with its revisions. The next one counts from 1. */
export async function loseBucket(name: string): Promise<void> {
  const nc = await connect({ servers: inject("natsUrl") });
  await nc.request(`$JS.API.STREAM.DELETE.KV_${name}`);
  await nc.close();
}
