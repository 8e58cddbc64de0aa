import { inject } from "vitest";
import { bucketsContract } from "../contract/index.ts";
import { openNatsBus } from "./bus.ts";

bucketsContract({
  name: "nats",
  features: { shared: true },
  openWorld: async () => ({
    open: (options) => openNatsBus({ servers: inject("natsUrl"), name: "contract", apply: { replicas: 1 }, ...options }),
    [Symbol.asyncDispose]: async () => {},
  }),
});
