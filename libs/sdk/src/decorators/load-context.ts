import type { NodeContext } from "@openvibe/core";

/** The context of a method that is called at load, where there is no run: using it throws. */
export function loadContext(instead: string): NodeContext {
  return new Proxy({} as NodeContext, {
    get(_, name) {
      throw new Error(`ctx.${String(name)} is there only in a run: ${instead}`);
    },
  });
}
