import { DatabaseSync } from "node:sqlite";
import { bucketsContract } from "../contract/index.ts";
import { openMemoryBus } from "./bus.ts";

bucketsContract({
  name: "memory",
  features: { shared: false },
  openWorld: async () => {
    const database = new DatabaseSync(":memory:");
    return {
      open: async (options) => openMemoryBus({ database, ...options }),
      [Symbol.asyncDispose]: async () => database.close(),
    };
  },
});
