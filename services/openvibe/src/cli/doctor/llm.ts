import type { Config } from "@openvibe/composition";
import {
  type Finding,
  failFinding,
  innerSteps,
  messageOf,
  type OperatorManifest,
  okFinding,
  type StepManifest,
  warnFinding,
} from "@openvibe/core";
import { ALIASES, findModel, type OwnAliases, resolveAlias, withOwnAliases } from "@openvibe/llm";

/** A key that is missing stops the configuration itself, so that whoever is chosen here has one. */
export function examineLlm({ kind }: Config["llm"]): Finding {
  if (kind !== "echo") return okFinding("llm.key", `models are asked at ${kind}, and its key is set`);
  return warnFinding("llm.key", "the model is echo: it answers with what it is asked", {
    why: "no model is called",
    todo: "set ANTHROPIC_API_KEY, unless that is what you want",
  });
}

const SOON_DAYS = 60;

/** Who answers, and what aliases stand for there. */
interface Answering {
  readonly kind: string;
  readonly aliases?: OwnAliases;
}

/** The models that operators' steps name, as they are known today. `today` is a day such as `2026-11-22`. */
export function judgeModels(manifests: readonly OperatorManifest[], answering: Answering, today: string): readonly Finding[] {
  const users = usersOfModels(manifests);
  const findings = [...users].flatMap(([model, steps]) =>
    judgeModel({ model, used: `${steps[0]}${more(steps.length - 1)}` }, answering, today),
  );
  if (findings.length > 0) return findings;
  return [
    okFinding(
      "llm.models",
      users.size === 0 ? "no step of the operators that are known asks a model" : `all are known: ${[...users.keys()].join(", ")}`,
    ),
  ];
}

function judgeModel(
  { model, used }: { model: string; used: string },
  { kind: provider, aliases: own }: Answering,
  today: string,
): readonly Finding[] {
  const check = "llm.models";
  const aliases = withOwnAliases(provider === "openai" ? ALIASES.openai : ALIASES.anthropic, own);
  let id: string;
  try {
    id = resolveAlias(provider, aliases, model);
  } catch (error) {
    const advice = { why: `step ${used} fails with OV_MODEL_UNKNOWN`, todo: "correct its model" };
    return [failFinding(check, messageOf(error), advice)];
  }
  const known = findModel(id);
  if (known === undefined) {
    const advice = {
      why: `the cost of step ${used} stays unknown, and a misspelt id fails at its first call`,
      todo: "check it against the vendor's list",
    };
    return [warnFinding(check, `model ${id} is not among those that are known`, advice)];
  }
  if (provider !== "echo" && known.provider !== provider) {
    const todo = `choose a model of ${provider} or an alias such as sonnet, or set OPENVIBE_LLM=${known.provider}`;
    return [failFinding(check, `model ${id} is ${known.provider}'s, and OPENVIBE_LLM is ${provider}`, { why: `step ${used} fails`, todo })];
  }
  const { retiresOn } = known;
  if (retiresOn === undefined || retiresOn > plusDays(today, SOON_DAYS)) return [];
  const todo = "choose a newer one, or an alias such as sonnet";
  if (retiresOn < today) return [failFinding(check, `model ${id} retired on ${retiresOn}`, { why: `step ${used} fails`, todo })];
  return [warnFinding(check, `model ${id} retires on ${retiresOn}`, { why: `step ${used} fails from then on`, todo })];
}

function usersOfModels(manifests: readonly OperatorManifest[]): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  const visit = (steps: readonly StepManifest[], where: string): void => {
    for (const step of steps) {
      for (const model of step.kind === "llm" ? [step.model, ...(step.fallback ?? [])] : [])
        users.set(model, [...(users.get(model) ?? []), `${where}.${step.id}`]);
      for (const inner of innerSteps(step)) visit(inner, where);
    }
  };
  for (const { id, workflows } of manifests) for (const workflow of workflows) visit(workflow.steps, `${id}.${workflow.id}`);
  return users;
}

function more(count: number): string {
  return count === 0 ? "" : ` (and ${count} more)`;
}

function plusDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
