import type { State } from "@openvibe/core";
import { z } from "zod";
import type { StepDraft } from "../../draft.ts";
import type { Expression } from "../expression.ts";
import type { FieldUses } from "../field-uses.ts";
import type { LogicHandler } from "../handlers.ts";
import type { Prompt, PromptText } from "../prompt.ts";
import type { Spot } from "../spots.ts";
import type { Template } from "../template.ts";

/** One kind of node in YAML. To add one: a file like its neighbours, and a line in `kinds/index.ts`. */
export interface Kind {
  /** What a node looks like; `nodes` are lists of nodes inside it. */
  form(nodes: z.ZodType<readonly NodeForm[]>): z.ZodObject;
  /** The node as the value spelling drafts it; what is wrong is told where it stands. @throws OpenVibeError OV_DEFINITION_INVALID */
  draft(node: NodeForm, into: Into): StepDraft;
}

/** A node as it was read: its form is checked. */
export interface NodeForm {
  readonly id: string;
  readonly type: string;
}

/** What a kind needs around it. Places and texts are named by their key in the node. */
export interface Into {
  /** What the node uses of the state. */
  readonly uses: FieldUses;
  /** Whether the workflow's state is declared. */
  readonly declared: boolean;
  /** A place in the node. */
  spot(...path: readonly (string | number)[]): Spot;
  template(text: string, ...path: readonly (string | number)[]): Template;
  condition(text: string, ...path: readonly (string | number)[]): Expression;
  /** The file that `prompt_file` names, which was read before. */
  promptFile(): PromptText;
  prompt(text: PromptText): Prompt;
  /** Code that was registered for the node. */
  handler(): LogicHandler | undefined;
  /** What to do about a handler that is missing. */
  readonly howToRegister: string;
  /** Nodes inside this one. */
  drafts(nodes: readonly NodeForm[], ...path: readonly (string | number)[]): readonly StepDraft[];
}

export const Id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "an id is 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or digit")
  .describe("1 to 64 of a-z, 0-9, _ and -.");

const DURATION = /^\d+(\.\d+)?(ms|s|m|h|d)$/;
const FORMS = 'must be a duration: "500ms", "90s", "5m", "24h", "42d", above 0 and up to 366d, or milliseconds as a number';
export const Duration = z
  .union([z.string().regex(DURATION, FORMS), z.number()], { error: FORMS })
  .describe("90s, 5m, 3d, or milliseconds.");
export type DurationForm = `${number}${"ms" | "s" | "m" | "h" | "d"}` | number;

export interface RetriesForm {
  readonly attempts: number;
  readonly backoff?: DurationForm;
  readonly factor?: number;
  readonly longest?: DurationForm;
  readonly jitter?: number;
}

export const Retries = z.union([
  z.int(),
  z.strictObject({
    attempts: z.int().describe("In all, 1 to 100."),
    backoff: Duration.optional().describe("Before the second attempt; 1s by default."),
    factor: z.number().optional().describe("How many times longer each further pause is; 2 by default."),
    longest: Duration.optional().describe("No pause is longer; 30s by default. Above 30s the run waits without a worker."),
    jitter: z.number().optional().describe("The share of a pause that is left to chance; 0.2 by default."),
  }),
]);

/** What a node has that may be passed over. */
export const WHEN = { when: z.string().optional().describe("A condition of the state: where it does not hold the node is passed over.") };

export function whenOf({ when }: { readonly when?: string }, into: Into): { readonly when?: (state: State) => boolean } {
  return when === undefined ? {} : { when: into.condition(when, "when").holds };
}

/** What every node has. */
export const common = (type: string, what: string) => ({
  id: Id,
  type: z.literal(type).describe(what),
  timeout: Duration.optional().describe("Time for one attempt."),
});
