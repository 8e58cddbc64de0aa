import { relative } from "node:path";
import { type Config, listOperatorFiles, loadConfig, loadOperators, YAML_FILE } from "@openvibe/composition";
import { isOpenVibeError, messageOf, OpenVibeError, type OperatorDefinition } from "@openvibe/core";
import { whileLoading } from "../while-loading.ts";
import { coloured } from "./colour.ts";
import { endWith } from "./end-with.ts";
import { ExitCode } from "./exit-code.ts";
import { note, print, printJson } from "./print.ts";

interface Fault {
  readonly file: string;
  readonly code: string;
  readonly detail: string;
}

interface Found {
  readonly file: string;
  readonly definition: OperatorDefinition;
}

/** `openvibe validate`: every file's fault, where `serve` stops at the first. Exit code 3 when there is one. */
export async function validate(files: readonly string[], options: { readonly json?: boolean; readonly quiet?: boolean }): Promise<void> {
  const { operatorFiles, handlerFiles } = await configOf(files);
  const named = files.length > 0 ? files : operatorFiles;
  const from = { cwd: process.cwd(), env: process.env, handlerFiles };
  const paths = await listOperatorFiles(named, process.cwd());
  if (paths.length === 0) await loadOperators({ ...from, files: [] }); // which says where it looked
  const found: Found[] = [];
  const faults: Fault[] = [];
  for (const path of paths) {
    const file = relative(process.cwd(), path);
    try {
      for (const definition of await whileLoading(() => loadOperators({ ...from, files: [path] }))) {
        assertAlone(definition, found);
        found.push({ file, definition });
      }
    } catch (error) {
      faults.push(toFault(file, path, error));
    }
  }
  report(found, faults, options);
  await endWith(process.stdout, "");
}

/** A module needs nothing of the configuration, so that one that is wrong does not stand in its way. */
async function configOf(files: readonly string[]): Promise<Pick<Config, "operatorFiles" | "handlerFiles">> {
  const needed = files.length === 0 || files.some((file) => YAML_FILE.test(file));
  return needed ? await loadConfig(process.env) : { operatorFiles: [], handlerFiles: [] };
}

function assertAlone(definition: OperatorDefinition, found: readonly Found[]): void {
  const { id } = definition.manifest;
  const other = found.find((each) => each.definition.manifest.id === id && each.definition !== definition);
  if (other !== undefined) throw new OpenVibeError("OV_CONFIG_INVALID", `operator ${id} is defined in ${other.file} as well`);
}

/** The loader begins its sentences with the file, which stands before them here. */
function toFault(file: string, path: string, error: unknown): Fault {
  const detail = messageOf(error).replaceAll(`${path} `, "").replace(`${file} `, "");
  const cause = error instanceof Error ? error.cause : undefined;
  const code = isOpenVibeError(cause) ? cause.code : isOpenVibeError(error) ? error.code : "OV_DEFINITION_INVALID";
  return { file, code, detail };
}

function report(found: readonly Found[], faults: readonly Fault[], options: { readonly json?: boolean; readonly quiet?: boolean }): void {
  const files = new Set([...found, ...faults].map(({ file }) => file)).size;
  if (faults.length > 0) process.exitCode = ExitCode.Config;
  if (options.json === true) {
    const operators = found.map(({ file, definition: { manifest, version } }) => ({ file, operator_id: manifest.id, version }));
    printJson({ valid: faults.length === 0, operators, faults });
    return;
  }
  for (const { file, definition } of found) {
    const { id, workflows } = definition.manifest;
    print(`${coloured("green", "ok   ")} ${file}  ${id}: ${workflows.map((workflow) => workflow.id).join(", ")}`);
  }
  for (const { file, detail } of faults) print(`${coloured("red", "fault")} ${file}  ${detail}`);
  if (faults.length > 0) note(`${faults.length} of ${files} ${files === 1 ? "file" : "files"} cannot be served`, {});
  else note(`serve ${found.length === 1 ? "it" : "them"} with: openvibe dev`, options);
}
