import { conditional } from "./conditional.ts";
import { each } from "./each.ts";
import { human } from "./human.ts";
import type { Kind } from "./kind.ts";
import { llm } from "./llm.ts";
import { logic } from "./logic.ts";
import { loop } from "./loop.ts";
import { run } from "./run.ts";
import { wait } from "./wait.ts";

/** Every kind of node, by its `type` in YAML. The file's form and the editor's schema follow from this table. */
export const KINDS: Readonly<Record<string, Kind>> = { llm, logic, conditional, human, wait, loop, run, each };
