import { inject } from "vitest";
import { bucketsContract } from "../contract/index.ts";
import { openRedisBus } from "./bus.ts";

bucketsContract({
  name: "redis",
  features: { shared: true },
  openWorld: async () => ({
    open: (options) => openRedisBus({ url: inject("redisUrl"), name: "contract", ...options }),
    [Symbol.asyncDispose]: async () => {},
  }),
});
