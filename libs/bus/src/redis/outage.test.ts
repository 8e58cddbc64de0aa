import { inject } from "vitest";
import { outageContract } from "../contract/index.ts";
import { openRedisBus } from "./bus.ts";

outageContract({
  name: "redis",
  url: () => inject("redisUrl"),
  open: (url, options) => openRedisBus({ url, name: "outage", ...options }),
});
