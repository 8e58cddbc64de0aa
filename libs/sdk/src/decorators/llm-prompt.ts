import { isPlainObject, type LlmPrompt, OpenVibeError } from "@openvibe/core";
import { PROMPT_KEYS, type Target, toTarget } from "./llm-target.ts";

/** What a method returned, as the prompt that goes to the model. @throws OpenVibeError OV_NODE_FAILED */
export function toPrompt(returned: unknown, target: Target | undefined, at: string): LlmPrompt {
  if (!isPlainObject(returned)) throw failed(at, "returned no prompt; allowed is { system, user, outputKey }");
  const odd = Object.keys(returned).find((key) => !PROMPT_KEYS.includes(key));
  if (odd !== undefined) throw failed(at, `returned ${JSON.stringify(odd)} in its prompt; allowed are ${PROMPT_KEYS.join(", ")}`);
  const { system, user, outputKey, outputKeys } = returned;
  if (typeof user !== "string") throw failed(at, `returned ${kindOf(user)} as user; allowed is a text`);
  if (system !== undefined && typeof system !== "string") throw failed(at, `returned ${kindOf(system)} as system; allowed is a text`);
  if (outputKey !== undefined || outputKeys !== undefined) checkSame(toTarget({ outputKey, outputKeys }, at), target, at);
  return system === undefined ? { user } : { system, user };
}

/** The definition says where the answer goes, and a run keeps to it. */
function checkSame(now: Target, atLoad: Target | undefined, at: string): void {
  const [said, known] = [namesIn(now), namesIn(atLoad)];
  if (said.join() === known.join()) return;
  throw failed(
    at,
    `its answer goes into ${known.join(", ") || "what parse gives"}, as was said at load; now it returned ${said.join(", ")}`,
  );
}

function namesIn(target: Target | undefined): readonly string[] {
  if (target === undefined) return [];
  return "output" in target ? [target.output] : target.outputs;
}

function kindOf(value: unknown): string {
  return value === null ? "null" : `a value of type ${typeof value}`;
}

function failed(at: string, what: string): OpenVibeError {
  return new OpenVibeError("OV_NODE_FAILED", `${at}: ${what}`);
}
