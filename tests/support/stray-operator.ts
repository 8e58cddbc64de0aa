/** Code that leaves things behind: promises that fail after their node has ended. */
import { setTimeout as sleep } from "node:timers/promises";
import { operator, workflow } from "openvibe";
import { z } from "zod";

const State = z.object({ done: z.boolean().default(false) });

const later = async (thrown: unknown) => {
  await sleep(50);
  throw thrown;
};

const leave = workflow("leave", {
  state: State,
  onComplete() {
    void later(new Error("left by onComplete"));
  },
}).node("drop", () => {
  void later(new Error("left by a node"));
  void later(undefined);
  return { done: true };
});

export default operator("stray", { name: "Stray", workflows: [leave] });
