import assert from "node:assert/strict";
import { test } from "node:test";
import { openTestKit } from "openvibe/testing";
import hello from "./index.ts";

test("greets by name, and measures the greeting", async () => {
  await using kit = await openTestKit({ operators: [hello], replies: { say_hello: "Hello Ada!" } });

  const run = await kit.start(hello, "greet", { name: "Ada" });
  const { status, output } = await run.ended();

  assert.equal(status, "completed");
  assert.deepEqual(output, { name: "Ada", greeting: "Hello Ada!", length: 10 });
  assert.equal(kit.prompts[0]?.user, "Greet Ada.");
});
