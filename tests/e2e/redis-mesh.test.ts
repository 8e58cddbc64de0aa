/** The same main job over two servers and one Redis. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { INTEL_REPLY } from "../support/e2e-leads.ts";
import { meshSuite, startMesh } from "../support/e2e-mesh-suite.ts";
import { startRedisRig } from "../support/e2e-rig.ts";
import { expectTwentyLeads } from "../support/e2e-twenty-leads.ts";

const mesh = startMesh(startRedisRig);

meshSuite(mesh);

test("a program of any language asks company_intel over Redis, and gets the catalogue's reply", async () => {
  await mesh.rig.forget();
  const { stranger } = mesh.rig;
  const ear = stranger.duplicate();
  await ear.connect();
  const answered = Promise.withResolvers<string>();
  await ear.subscribe("a:channel:of:ours", (message) => answered.resolve(message));

  const [channel = ""] = await stranger.pubSubChannels("openvibe:request:company_intel.research:*");
  await stranger.publish(channel, JSON.stringify({ id: "1", reply_to: "a:channel:of:ours", body: { company: "Stripe" } }));
  const reply: unknown = JSON.parse(await answered.promise);
  ear.destroy();

  expect(reply).toEqual({ id: "1", reply: INTEL_REPLY });
});

test("the server of Redis is killed in the middle of 20 leads: all end completed, none was worked on twice", async () => {
  const { redis } = mesh.rig;
  let back = Promise.resolve();

  await expectTwentyLeads(mesh, {
    async strike() {
      await redis.kill();
      back = sleep(1_000).then(() => redis.start());
    },
    mend: () => back,
  });
});
