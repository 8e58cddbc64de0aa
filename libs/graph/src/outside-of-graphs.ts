import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";

/** Does work as if no graph ran around it: LangGraph makes a graph that begins within another one's node a part of that one, whatever it is given. */
export function outsideOfGraphs<T>(work: () => T): T {
  return AsyncLocalStorageProviderSingleton.getInstance().run(undefined, work);
}
