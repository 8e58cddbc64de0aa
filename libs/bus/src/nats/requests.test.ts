import { inject } from "vitest";
import { requestsContract } from "../contract/index.ts";
import { openNatsBus } from "./bus.ts";

requestsContract({
  name: "nats",
  features: { shared: true },
  openWorld: async () => ({
    open: (options) => openNatsBus({ servers: inject("natsUrl"), name: "contract", apply: { replicas: 1 }, ...options }),
    [Symbol.asyncDispose]: async () => {},
  }),
});
