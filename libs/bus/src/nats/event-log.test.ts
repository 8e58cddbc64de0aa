import { inject } from "vitest";
import { eventLogContract } from "../contract/index.ts";
import { openNatsBus } from "./bus.ts";

eventLogContract({
  name: "nats",
  features: { shared: true },
  openWorld: async () => ({
    open: (options) => openNatsBus({ servers: inject("natsUrl"), name: "contract", apply: { replicas: 1 }, ...options }),
    [Symbol.asyncDispose]: async () => {},
  }),
});
