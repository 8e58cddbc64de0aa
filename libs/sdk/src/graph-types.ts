/** Types of LangGraph graphs by their shape: an author without LangGraph needs none of its types. */
/** What `.compile()` of a LangGraph `StateGraph` returns. */
export interface CompiledGraph {
  readonly nodes: object;
  readonly channels: object;
  invoke(input: never, options?: never): Promise<unknown>;
  stream(input: never, options?: never): Promise<AsyncIterable<unknown>>;
}

/** LangGraph takes `null` and its `Command`, which has symbols for keys, beside an input. */
type WithoutCommand<In> = In extends null
  ? never
  : In extends object
    ? [keyof In] extends [never]
      ? In
      : keyof In extends symbol
        ? never
        : In
    : In;

/** What a compiled graph is begun with. */
export type GraphInput<G> = G extends { invoke(input: infer In, ...rest: never): unknown } ? WithoutCommand<In> : never;

/** What a compiled graph gives when it ends. */
export type GraphOutput<G> = G extends { invoke(...given: never): Promise<infer Out> } ? Awaited<Out> : never;
