import { inject } from "vitest";
import { requestsContract } from "../contract/index.ts";
import { openRedisBus } from "./bus.ts";

requestsContract({
  name: "redis",
  features: { shared: true },
  openWorld: async () => ({
    open: (options) => openRedisBus({ url: inject("redisUrl"), name: "contract", ...options }),
    [Symbol.asyncDispose]: async () => {},
  }),
});
