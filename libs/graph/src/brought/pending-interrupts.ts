import { type CheckpointTuple, INTERRUPT, RESUME, SCHEDULED } from "@langchain/langgraph-checkpoint";

/** What a task writes beside its results. */
const BESIDE = new Set<string>([INTERRUPT, RESUME, SCHEDULED]);

/**
 * The ids of the questions that are still open, from the newest checkpoint of each namespace. A question that a nested graph asked stands there and in
 * every graph around it: where the nested one has gone on to another question, what the outer ones say is out of date.
 */
export function findPendingInterrupts(newest: readonly CheckpointTuple[]): ReadonlySet<string> {
  const byNamespace = new Map(newest.map((tuple) => [namespaceOf(tuple), tuple]));
  const inNamespace = (namespace: string): readonly string[] => {
    const tuple = byNamespace.get(namespace);
    return tuple === undefined ? [] : [...openTasks(tuple)].flatMap(([taskId, ids]) => ofTask(namespace, taskId, ids));
  };
  const ofTask = (namespace: string, taskId: string, ids: readonly string[]): readonly string[] => {
    const nested = [...byNamespace.keys()].filter((name) => isNested(name, namespace, taskId)).flatMap(inNamespace);
    return nested.length === 0 ? ids : ids.filter((id) => nested.includes(id));
  };
  return new Set(inNamespace(""));
}

/** Task -> ids of what it asks, of tasks that have not finished. */
function openTasks({ pendingWrites = [] }: CheckpointTuple): ReadonlyMap<string, readonly string[]> {
  const finished = new Set(pendingWrites.filter(([, channel]) => !BESIDE.has(channel)).map(([taskId]) => taskId));
  const asking = new Map<string, readonly string[]>();
  for (const [taskId, channel, value] of pendingWrites)
    if (channel === INTERRUPT && !finished.has(taskId)) asking.set(taskId, idsOf(value));
  return asking;
}

function idsOf(value: unknown): readonly string[] {
  const interrupts = (Array.isArray(value) ? value : [value]) as readonly { readonly id?: unknown }[];
  return interrupts.map(({ id }) => id).filter((id) => typeof id === "string");
}

function namespaceOf({ config }: CheckpointTuple): string {
  return String(config.configurable?.checkpoint_ns ?? "");
}

/** `outer:1|inner:2` is nested in the task 2 of the namespace `outer:1`; a task's second nested graph has a count behind: `outer:1|1`. */
function isNested(name: string, namespace: string, taskId: string): boolean {
  const prefix = namespace === "" ? "" : `${namespace}|`;
  if (!name.startsWith(prefix)) return false;
  const [first = "", ...rest] = name.slice(prefix.length).split("|");
  return first.endsWith(`:${taskId}`) && rest.every((part) => /^\d+$/.test(part));
}
