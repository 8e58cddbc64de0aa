import { inject } from "vitest";
import { workQueueContract } from "../contract/index.ts";
import { openRedisBus } from "./bus.ts";

workQueueContract({
  name: "redis",
  features: { shared: true },
  openWorld: async () => ({
    open: (options) => openRedisBus({ url: inject("redisUrl"), name: "contract", ...options }),
    [Symbol.asyncDispose]: async () => {},
  }),
});
