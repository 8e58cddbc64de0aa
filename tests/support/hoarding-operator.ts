/** A node that takes memory until there is none left, in a process that was given little. In another it is done at once. */
import { operator, workflow } from "openvibe";
import { z } from "zod";

const Hoard = z.object({ pieces: z.number().default(0) });

const hoard = workflow("hoard", { state: Hoard, trigger: "on_demand" })
  .node("begin", () => ({ pieces: 1 }))
  .node("hoard", ({ pieces }) => {
    const kept: number[][] = [];
    while (process.env.NODE_OPTIONS?.includes("max-old-space-size") === true)
      kept.push(new Array<number>(1_000_000).fill(kept.length + 0.5));
    return { pieces: pieces + kept.length + 1 };
  });

export default operator("hoarder", { name: "Hoarder", workflows: [hoard] });
