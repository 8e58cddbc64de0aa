/** A service as small as one can be, for run-service.test.ts: what it does is said by `OPENVIBE_TEST_PROBE`. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { OpenVibeError } from "@openvibe/core";
import { runService } from "./run-service.ts";
import { aborted } from "./stop-signal.ts";

const say = (line: string) => process.stdout.write(`${line}\n`);

await runService("probe", async ({ config, store, bus, signal }) => {
  say(`ready with ${store.kind} and ${bus.kind}, slots ${config.slotsPerOperator}`);
  switch (process.env.OPENVIBE_TEST_PROBE) {
    case "end":
      return;
    case "fail":
      throw new OpenVibeError("OV_STORE_UNAVAILABLE", `postgres://openvibe:${process.env.OPENVIBE_API_KEYS}@db is gone`);
    case "fail_definition":
      throw new OpenVibeError("OV_DEFINITION_INVALID", "workflow a has no steps");
    case "fail_drain":
      await aborted(signal);
      throw new Error("a connection would not close");
    case "never_drain":
      await aborted(signal);
      say("draining");
      await sleep(60_000);
      return;
    case "drain_until_usr2":
      await aborted(signal);
      say("draining");
      await once(process, "SIGUSR2");
      say("drained");
      return;
    default:
      await new Promise((resolve) => signal.addEventListener("abort", resolve)); // nothing of which keeps a process alive
      say(`draining after ${String(signal.reason)}`);
      await sleep(50);
      say("drained");
  }
});
