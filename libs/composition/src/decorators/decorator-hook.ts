import { readFileSync } from "node:fs";
import { registerHooks, setSourceMapsSupport } from "node:module";
import { fileURLToPath } from "node:url";
import { OpenVibeError } from "@openvibe/core";
import { isSource, mayHaveDecorators } from "./decorator-syntax.ts";
import { lowerDecorators } from "./lower-decorators.ts";

export interface DecoratorHook {
  /** Ends it, unless a file with decorators was met: such a file may load others later. */
  endUnlessNeeded(): void;
}

/**
 * From now on Node runs files with decorators. Any other file is only looked at; esbuild is started for those that have some.
 * @throws OpenVibeError OV_CONFIG_INVALID, out of the import, for a file that cannot be rewritten
 */
export function hookDecorators(): DecoratorHook {
  let needed = false;
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      const source = readDecorated(url);
      if (source === undefined) return nextLoad(url, context);
      if (!needed) setSourceMapsSupport(true); // stack traces name the author's lines
      needed = true;
      const lowered = lowerDecorators(source.text, source.path);
      if ("fault" in lowered) throw new OpenVibeError("OV_CONFIG_INVALID", lowered.fault);
      const map = Buffer.from(lowered.map).toString("base64");
      return {
        format: "module",
        source: `${lowered.code}//# sourceMappingURL=data:application/json;base64,${map}\n`,
        shortCircuit: true,
      };
    },
  });
  return {
    endUnlessNeeded() {
      if (!needed) hooks.deregister();
    },
  };
}

function readDecorated(url: string): { readonly path: string; readonly text: string } | undefined {
  if (!url.startsWith("file:")) return undefined;
  const path = fileURLToPath(url);
  if (!isSource(path)) return undefined;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined; // Node says best what is wrong with the file
  }
  return mayHaveDecorators(text) ? { path, text } : undefined;
}
