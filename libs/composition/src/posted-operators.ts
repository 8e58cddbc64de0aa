import type { OperatorDefinition } from "@openvibe/core";
import type { Config } from "./config.ts";
import { loadHandlers } from "./load-operators.ts";

/** What a worker needs to serve operators that came over HTTP. */
export interface PostedOperators {
  readonly handlers: readonly string[];
  compile(posted: { readonly source: string; readonly version: string }): Promise<OperatorDefinition>;
}

/** `undefined` where they are not to be served. @throws OpenVibeError OV_CONFIG_INVALID for files of handlers that cannot be loaded */
export async function openPosted(
  { postedOperators, handlerFiles }: Pick<Config, "postedOperators" | "handlerFiles">,
  cwd: string,
): Promise<PostedOperators | undefined> {
  if (postedOperators === "none") return undefined;
  const handlers = await loadHandlers(handlerFiles, cwd);
  return {
    handlers: [...handlers.keys()],
    async compile({ source, version }) {
      const { compilePosted } = await import("@openvibe/sdk/yaml");
      // The version is what runs are told to have begun with, also where a newer OpenVibe would make another manifest of the same text.
      return { ...compilePosted(source, handlers), version };
    },
  };
}
