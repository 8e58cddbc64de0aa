import { didYouMean, nearestNames } from "@openvibe/core";
import { ALIASES, MODELS } from "./model-data.ts";
import { findModel, looksLikeId, MODEL_ALIASES, type ModelAlias } from "./models.ts";

/** What a deployment makes aliases stand for: a model's id, or another alias in our sense of it. */
export type OwnAliases = Readonly<Partial<Record<ModelAlias, string>>>;

export const isAlias = (name: string): name is ModelAlias => (MODEL_ALIASES as readonly string[]).includes(name);

/** A vendor's aliases with a deployment's own laid over them. One that leads to another alias means what that means to us, so that none leads in a circle. */
export function withOwnAliases(ours: Readonly<Record<ModelAlias, string>>, own: OwnAliases = {}): Readonly<Record<ModelAlias, string>> {
  const laid = Object.entries(own).map(([alias, target]) => [alias, isAlias(target) ? ours[target] : target]);
  return { ...ours, ...Object.fromEntries(laid) };
}

/** Whose models an alias may stand for: `anthropic` with the vendor's own address; every other takes any id. */
export interface TargetRules {
  readonly provider: string;
  /** The models are asked at another address than the vendor's, where any model may be. */
  readonly elsewhere: boolean;
}

/**
 * What is wrong with the model that an alias is to stand for, in words that go behind its name; `undefined` when nothing is. A model that we do not know may
 * be newer than we are; one whose name is nearly that of a model we know is misspelt.
 */
export function findTargetFault(target: string, { provider, elsewhere }: TargetRules): string | undefined {
  if (isAlias(target)) return undefined;
  const ids =
    provider === "anthropic" ? MODELS.filter((model) => model.provider === provider).map(({ id }) => id) : MODELS.map(({ id }) => id);
  const near = () => didYouMean(nearestNames(target, [...MODEL_ALIASES, ...ids]));
  if (!looksLikeId(target)) return `is no model's id and none of ${MODEL_ALIASES.join(", ")}${near()}`;
  if (provider !== "anthropic" || elsewhere) return undefined;
  if (!target.includes("claude")) return `is no model of anthropic; there are ${[...new Set(Object.values(ALIASES.anthropic))].join(", ")}`;
  const isNewer = ids.some((id) => lettersOf(id) === lettersOf(target));
  return findModel(target) !== undefined || isNewer || near() === "" ? undefined : `is not among the models that are known${near()}`;
}

/** `claude-haiku-` of `claude-haiku-6-1`. */
function lettersOf(id: string): string {
  return id.replace(/[\d.-]+$/, "");
}
