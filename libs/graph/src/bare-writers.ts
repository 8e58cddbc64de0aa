/**
 * LangGraph's own small functions (writers of a node's update, routers) are called through a layer that makes a tracing record and enters an async
 * context each time: a third of what a run costs. Those that LangGraph itself marks as not traced (`trace: false`) are called directly here. What a
 * later version of LangGraph might shape otherwise is left as it is.
 */
export function callWritersDirectly(compiled: object): void {
  const { nodes } = compiled as { readonly nodes?: Readonly<Record<string, { readonly writers?: readonly unknown[] }>> };
  for (const node of Object.values(nodes ?? {})) {
    for (const writer of node.writers ?? []) {
      makeBare(writer);
      for (const write of (writer as { readonly writes?: readonly { readonly mapper?: unknown }[] }).writes ?? []) makeBare(write.mapper);
    }
  }
}

interface Callable {
  readonly trace: boolean;
  readonly func: (input: unknown, config: unknown) => unknown;
  invoke: (input: unknown, config: unknown) => Promise<unknown>;
}

function makeBare(runnable: unknown): void {
  if (isUntraced(runnable)) runnable.invoke = async (input, config) => await runnable.func(input, config);
}

function isUntraced(runnable: unknown): runnable is Callable {
  return (
    typeof runnable === "object" &&
    runnable !== null &&
    "trace" in runnable &&
    runnable.trace === false &&
    "func" in runnable &&
    typeof runnable.func === "function"
  );
}
