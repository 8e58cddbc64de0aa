import { existsSync } from "node:fs";
import { glob, readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { findOperatorClass, isPlainObject, messageOf, OpenVibeError, type OperatorDefinition } from "@openvibe/core";
import type { LogicHandler } from "@openvibe/sdk";
import type { HandlerTable } from "@openvibe/sdk/yaml";
import { hookDecorators } from "./decorators/decorator-hook.ts";
import type { Environment } from "./environment.ts";
import { importHandlers, readYamlFile, YAML_FILE } from "./load-yaml.ts";
import { pickOperators } from "./pick-operators.ts";

export interface LoadOptions {
  /** Files, or patterns. */
  readonly files: readonly string[];
  readonly only?: readonly string[] | undefined;
  readonly cwd: string;
  /** What `${NAME}` in YAML stands for. */
  readonly env: Environment;
  /** Modules with handlers for nodes in YAML, besides the `logic_handlers.ts` beside each file. */
  readonly handlerFiles?: readonly string[];
}

/**
 * Loads operators from files or patterns: YAML, or modules (their default export, or every export that is an operator). Without files:
 * `./operators/<name>/index.ts` (or `.js`), and `./operators/*.yaml`.
 * @throws OpenVibeError OV_CONFIG_INVALID for a file that cannot be loaded or holds no operator, and for ids that are not found;
 * OV_DEFINITION_INVALID for what is wrong in YAML, with file, line and column
 */
export async function loadOperators(options: LoadOptions): Promise<readonly OperatorDefinition[]> {
  const files = await listOperatorFiles(options.files, options.cwd);
  const handlers = files.some(isYaml) ? await loadHandlers(options.handlerFiles ?? [], options.cwd) : new Map();
  const found = new Map<string, OperatorDefinition>();
  for (const file of files) {
    for (const definition of isYaml(file) ? (await readYamlFile(file, options)).compile(handlers) : await loadFile(file)) {
      const { id } = definition.manifest;
      const other = found.get(id);
      if (other !== undefined && other !== definition)
        throw new OpenVibeError("OV_CONFIG_INVALID", `${file} defines operator ${id}, which another of the files defines as well`);
      found.set(id, definition);
    }
  }
  if (options.only !== undefined) return pickOperators([...found.values()], options.only);
  if (found.size === 0)
    throw new OpenVibeError(
      "OV_CONFIG_INVALID",
      `there is no operator: name a file, or put operators at ./operators/<name>/index.ts or ./operators/<name>.yaml (looked in ${options.cwd})`,
    );
  return [...found.values()];
}

const isYaml = (file: string) => YAML_FILE.test(file);

/** Handlers out of modules: what is said twice is refused, as nobody could tell which one counts. @throws OpenVibeError OV_CONFIG_INVALID */
export async function loadHandlers(names: readonly string[], cwd: string): Promise<HandlerTable> {
  const handlers: [string, LogicHandler][] = [];
  for (const file of names.length === 0 ? [] : await expand(names, cwd)) {
    for (const [key, handler] of await importHandlers(file)) {
      if (handlers.some(([known]) => known === key))
        throw new OpenVibeError("OV_CONFIG_INVALID", `${file} has a handler for ${key}, which another file has as well`);
      handlers.push([key, handler]);
    }
  }
  return new Map(handlers);
}

/** The files that these names and patterns mean; without any `./operators/<name>/index.ts` (or `.js`) and `./operators/*.yaml`. @throws OpenVibeError OV_CONFIG_INVALID */
export async function listOperatorFiles(names: readonly string[], cwd: string): Promise<readonly string[]> {
  return names.length > 0 ? await expand(names, cwd) : await findOperatorFiles(cwd);
}

/** What is there by that very name is no pattern. */
async function expand(names: readonly string[], cwd: string): Promise<string[]> {
  const files = await Promise.all(
    names.map(async (name) => {
      const file = resolve(cwd, name);
      if (!/[*?[{]/.test(name) || existsSync(file)) return [file];
      const found = (await Array.fromAsync(glob(name, { cwd }))).map((each) => resolve(cwd, each)).toSorted();
      if (found.length === 0) throw new OpenVibeError("OV_CONFIG_INVALID", `no file matches ${name} (looked in ${cwd})`);
      return found;
    }),
  );
  return [...new Set(files.flat())];
}

async function findOperatorFiles(cwd: string): Promise<string[]> {
  const folder = join(cwd, "operators");
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  const texts = entries.filter((entry) => entry.isFile() && isYaml(entry.name)).map(({ name }) => join(folder, name));
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const modules = names.toSorted().flatMap((name) =>
    ["index.ts", "index.js"]
      .map((index) => join(folder, name, index))
      .filter((file) => existsSync(file))
      .slice(0, 1),
  );
  return [...modules, ...texts.toSorted()];
}

async function loadFile(file: string): Promise<OperatorDefinition[]> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw new OpenVibeError("OV_CONFIG_INVALID", `there is no file ${file}`);
  if (!found.isFile()) throw new OpenVibeError("OV_CONFIG_INVALID", `${file} is no file; name the file that exports the operator`);
  let module: Record<string, unknown>;
  const decorators = hookDecorators();
  try {
    module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (cause) {
    throw new OpenVibeError("OV_CONFIG_INVALID", `${file} cannot be loaded: ${messageOf(cause)}`, { cause });
  } finally {
    decorators.endUnlessNeeded();
  }
  const definitions = [...new Set(Object.values(module).map(toDefinition))].filter((definition) => definition !== undefined);
  if (definitions.length === 0)
    throw new OpenVibeError(
      "OV_CONFIG_INVALID",
      `${file} exports no operator: end it with "export default operator(…)", or export a class with @operator; a file that calls serve itself is started with node`,
    );
  return definitions;
}

function toDefinition(value: unknown): OperatorDefinition | undefined {
  return isDefinition(value) ? value : findOperatorClass(value);
}

function isDefinition(value: unknown): value is OperatorDefinition {
  return (
    typeof value === "object" &&
    value !== null &&
    "manifest" in value &&
    isPlainObject(value.manifest) &&
    "workflows" in value &&
    value.workflows instanceof Map
  );
}
