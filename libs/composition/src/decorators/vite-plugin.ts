import { isSource, mayHaveDecorators } from "./decorator-syntax.ts";
import { lowerDecorators } from "./lower-decorators.ts";

/** What Vite and Vitest need of a plugin. */
export interface DecoratorsPlugin {
  readonly name: string;
  readonly enforce: "pre";
  /** @throws Error where a file cannot be rewritten; Vite shows it with the file */
  transform(text: string, id: string): { readonly code: string; readonly map: string } | undefined;
}

/** Rewrites decorators before Vite sees them: it hands them on to Node as they stand. */
export function decorators(): DecoratorsPlugin {
  return {
    name: "openvibe-decorators",
    enforce: "pre",
    transform(text, id) {
      const [path = id] = id.split("?");
      if (!isSource(path) || !mayHaveDecorators(text)) return undefined;
      const lowered = lowerDecorators(text, path);
      if ("fault" in lowered) throw new Error(lowered.fault);
      return lowered;
    },
  };
}
