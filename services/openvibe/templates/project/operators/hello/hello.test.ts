import assert from "node:assert/strict";
import { test } from "node:test";
import { createRuntime } from "openvibe";
import hello from "./index.ts";

// The model that needs no key and no network: it gives back what it was asked, so that a test knows the answer.
process.env.OPENVIBE_LLM = "echo";

test("greets by name, and measures the greeting", async () => {
  await using runtime = await createRuntime({ operators: [hello] });

  const started = await runtime.activate(hello, "greet", { name: "Ada" });
  const { status, output } = await started.ended(); // a field that nobody wrote is not in the output

  assert.equal(status, "completed");
  assert.match(output.greeting ?? "", /Greet Ada/);
  assert.equal(output.length, output.greeting?.length);
});
