import type { LogicHandlers, OperatorDefinition } from "@openvibe/sdk";

/**
 * Operators of a YAML file, with the prompts that it names and the `logic_handlers.ts` beside it. For `serve` and `createRuntime`; the command
 * loads such files itself.
 * @throws OpenVibeError OV_DEFINITION_INVALID with file, line and column; OV_CONFIG_INVALID where there is no such file
 *
 * @example
 * await serve(await loadOperators("operators.yaml"), { port: 8000 });
 */
export async function loadOperators(
  file: string,
  options: { readonly handlers?: LogicHandlers } = {},
): Promise<readonly OperatorDefinition[]> {
  const { openYamlFile } = await import("./yaml-file.ts");
  const opened = await openYamlFile(file);
  opened.add(options.handlers ?? {});
  return opened.compile();
}
