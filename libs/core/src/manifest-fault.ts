import { isId } from "./ids.ts";
import { isPlainObject } from "./json.ts";

/** What keeps a value from being the manifest of this operator, as far as readers rely on it; `undefined` where nothing does. */
export function findManifestFault(value: unknown, operatorId: string): string | undefined {
  if (!isPlainObject(value)) return "is no object";
  if (value.id !== operatorId) return "has another id";
  if (typeof value.name !== "string") return "has no name";
  if (value.description !== undefined && typeof value.description !== "string") return "description is no text";
  return (
    findListFault(value.workflows, "workflows", findWorkflowFault) ?? (isPlainObject(value.answers) ? undefined : "answers is no object")
  );
}

function findWorkflowFault({ id, triggers, state_fields, input_schema, steps }: Record<string, unknown>): string | undefined {
  if (!isId(id)) return "id is none";
  if (!Array.isArray(state_fields) || state_fields.some((field) => typeof field !== "string")) return "state_fields is no list of texts";
  if (!isPlainObject(input_schema)) return "input_schema is no object";
  const isTrigger = (trigger: Record<string, unknown>) => typeof trigger.id === "string" && typeof trigger.on === "string";
  return (
    findListFault(triggers, "triggers", (trigger) => (isTrigger(trigger) ? undefined : "is no trigger")) ??
    findListFault(steps, "steps", (step) => (isId(step.id) && typeof step.kind === "string" ? undefined : "is no step"))
  );
}

function findListFault(list: unknown, name: string, findFault: (item: Record<string, unknown>) => string | undefined): string | undefined {
  if (!Array.isArray(list)) return `${name} is no list`;
  for (const [index, item] of list.entries()) {
    const fault = isPlainObject(item) ? findFault(item) : "is no object";
    if (fault !== undefined) return `${name}[${index}] ${fault}`;
  }
  return undefined;
}
