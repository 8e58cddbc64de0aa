import { createClient } from "@redis/client";
import { inject } from "vitest";
import { bucketsContract } from "../contract/index.ts";
import { openRedisBus } from "./bus.ts";
import { Keys } from "./keys.ts";

bucketsContract({
  name: "redis",
  features: { shared: true },
  openWorld: async () => ({
    open: (options) => openRedisBus({ url: inject("redisUrl"), name: "contract", ...options }),
    loseBucket: async (bucket) => {
      const client = await createClient({ url: inject("redisUrl"), RESP: 2 }).connect();
      const { epoch: _left, ...keys } = new Keys("openvibe").bucket(bucket);
      await client.del(Object.values(keys));
      client.destroy();
    },
    [Symbol.asyncDispose]: async () => {},
  }),
});
