import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { bucketStream } from "@openvibe/nats";
import { inject } from "vitest";
import { bucketsContract } from "../contract/index.ts";
import { openNatsBus } from "./bus.ts";

bucketsContract({
  name: "nats",
  features: { shared: true },
  openWorld: async () => ({
    open: (options) => openNatsBus({ servers: inject("natsUrl"), name: "contract", apply: { replicas: 1 }, ...options }),
    loseBucket: async (bucket) => {
      const nc = await connect({ servers: inject("natsUrl") });
      await (await jetstreamManager(nc)).streams.delete(bucketStream(bucket));
      await nc.close();
    },
    [Symbol.asyncDispose]: async () => {},
  }),
});
