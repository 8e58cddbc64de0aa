import { DatabaseSync } from "node:sqlite";
import { bucketsContract } from "../contract/index.ts";
import { openMemoryBus } from "./bus.ts";

bucketsContract({
  name: "memory",
  features: { shared: false },
  openWorld: async () => {
    let database = new DatabaseSync(":memory:");
    return {
      open: async (options) => openMemoryBus({ database, ...options }),
      loseBucket: async () => {
        database.close();
        database = new DatabaseSync(":memory:");
      },
      [Symbol.asyncDispose]: async () => database.close(),
    };
  },
});
