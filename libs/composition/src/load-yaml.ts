import { isUtf8 } from "node:buffer";
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { type JsonObject, messageOf, nearestName, OpenVibeError, type OperatorDefinition } from "@openvibe/core";
import type { HandlerTable, OperatorsText, PromptText } from "@openvibe/sdk/yaml";
import type { Environment } from "./environment.ts";
import { readPrompt } from "./read-prompt.ts";

export const YAML_FILE = /\.ya?ml$/;

const HANDLER_FILES = ["logic_handlers.ts", "logic_handlers.mts", "logic_handlers.js", "logic_handlers.mjs"];
const MAX_BYTES = 1_048_576;

/** A file of operators with all that belongs to it, but for handlers that code registers. */
export interface YamlOperators {
  readonly text: OperatorsText;
  /** Each operator as `POST /v1/operators` takes it, its prompts in it. */
  documents(): readonly JsonObject[];
  /** @throws OpenVibeError OV_DEFINITION_INVALID with file, line and column; OV_CONFIG_INVALID for handlers that no node has */
  compile(more?: HandlerTable): readonly OperatorDefinition[];
}

/**
 * Reads operators in YAML, the prompts that they name and the `logic_handlers.ts` beside them.
 * @throws OpenVibeError OV_DEFINITION_INVALID with file, line and column; OV_CONFIG_INVALID where there is no such file
 */
export async function readYamlFile(
  file: string,
  { cwd, env }: { readonly cwd: string; readonly env: Environment },
): Promise<YamlOperators> {
  const { readOperatorsYaml } = await import("@openvibe/sdk/yaml");
  const folder = dirname(file);
  const name = nameOf(file, cwd);
  const text = readOperatorsYaml(await readText(file, name), { name, env });
  const prompts = new Map<string, PromptText>();
  for (const { file: prompt, spot } of text.promptFiles)
    if (!prompts.has(prompt))
      prompts.set(prompt, { name: nameOf(join(folder, prompt), cwd), text: await readPrompt(prompt, folder, spot) });
  const beside = await findHandlers(folder);
  return {
    text,
    documents: () => text.documents(prompts),
    compile(more = new Map()) {
      const handlers = new Map([...(beside?.table ?? []), ...more]);
      const definitions = text.compile({ prompts, handlers });
      if (beside !== undefined) refuseStrangers(beside, text);
      return definitions;
    },
  };
}

interface Handlers {
  readonly name: string;
  readonly table: HandlerTable;
}

async function findHandlers(folder: string): Promise<Handlers | undefined> {
  const found = HANDLER_FILES.map((name) => join(folder, name)).filter((path) => existsSync(path));
  const [path] = found;
  if (path === undefined) return undefined;
  if (found.length > 1) throw new OpenVibeError("OV_CONFIG_INVALID", `there are ${found.join(" and ")}; keep one`);
  return { name: path, table: await importHandlers(path) };
}

/** A module whose default export holds handlers by operator, workflow and node. @throws OpenVibeError OV_CONFIG_INVALID */
export async function importHandlers(path: string): Promise<HandlerTable> {
  const { toHandlerTable } = await import("@openvibe/sdk/yaml");
  const module = await import(pathToFileURL(path).href).catch((cause: unknown) => {
    throw new OpenVibeError("OV_CONFIG_INVALID", `${path} cannot be loaded: ${messageOf(cause)}`, { cause });
  });
  const { default: handlers } = module as { readonly default?: unknown };
  return toHandlerTable(
    handlers,
    (what) =>
      new OpenVibeError(
        "OV_CONFIG_INVALID",
        `${path}: ${what}; it ends with "export default { <operator>: { <workflow>: { <node>: (state, ctx) => … } } }"`,
      ),
  );
}

/** A handler whose node is misspelt would be passed over in silence. Those of other files in the folder are none of this one's business. */
function refuseStrangers({ name, table }: Handlers, { operators, nodeKeys }: OperatorsText): void {
  const ids = new Set(operators.map(({ id }) => id));
  for (const key of table.keys()) {
    if (!ids.has(key.split(".")[0] ?? "") || nodeKeys.has(key)) continue;
    const near = nearestName(key, nodeKeys);
    throw new OpenVibeError(
      "OV_CONFIG_INVALID",
      `${name} has a handler for ${key}, and there is no such node${near === undefined ? "" : `; did you mean ${near}?`}`,
    );
  }
}

async function readText(file: string, name: string): Promise<string> {
  const wrong = (what: string, cause?: unknown) => new OpenVibeError("OV_CONFIG_INVALID", what, cause === undefined ? {} : { cause });
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw wrong(`there is no file ${name}`);
  if (!found.isFile()) throw wrong(`${name} is no file; name the file that holds the operators`);
  if (found.size > MAX_BYTES) throw wrong(`${name} is larger than the ${MAX_BYTES} bytes allowed`);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw wrong(`${name} cannot be read: ${messageOf(cause)}`, cause);
  });
  if (bytes.includes(0) || !isUtf8(bytes)) throw wrong(`${name} is not UTF-8 text`);
  return bytes.toString("utf8");
}

function nameOf(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith("..") || short === "" ? path : short;
}
