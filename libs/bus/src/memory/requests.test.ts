import { DatabaseSync } from "node:sqlite";
import { requestsContract } from "../contract/index.ts";
import { openMemoryBus } from "./bus.ts";

requestsContract({
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
