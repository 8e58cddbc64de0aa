import { openSqliteStore } from "@openvibe/store/sqlite";
import { schedulerContract } from "../contract.ts";
import { createNoScheduler } from "./scheduler.ts";

schedulerContract({
  name: "none",
  fires: false,
  openStore: async () => openSqliteStore({ path: ":memory:" }),
  open: () => createNoScheduler(),
});
