import { type Config, loadOperators } from "@openvibe/composition";
import { type Finding, failFinding, messageOf, type OperatorManifest, okFinding } from "@openvibe/core";
import { whileLoading } from "../../while-loading.ts";

/** The operators of the files, and those that only the store knows. */
export async function examineOperators(
  files: readonly string[],
  config: Config,
  stored: readonly OperatorManifest[],
): Promise<{ findings: readonly Finding[]; manifests: readonly OperatorManifest[] }> {
  const from = { cwd: process.cwd(), env: process.env, only: config.operators, handlerFiles: config.handlerFiles };
  const named = files.length > 0 ? files : config.operatorFiles;
  try {
    const loaded = (await whileLoading(() => loadOperators({ ...from, files: named }))).map(({ manifest }) => manifest);
    const others = stored.filter(({ id }) => !loaded.some((each) => each.id === id));
    return { findings: [okFinding("operators", `${list(loaded)} can be loaded`)], manifests: [...loaded, ...others] };
  } catch (error) {
    const none = named.length === 0 && config.operators === undefined && messageOf(error).startsWith("there is no operator");
    if (none)
      return {
        findings: [okFinding("operators", stored.length === 0 ? "there are none here" : `the store knows ${list(stored)}`)],
        manifests: stored,
      };
    const finding = failFinding("operators", messageOf(error), {
      why: "a worker would not start",
      todo: "correct the file, or name others",
    });
    return { findings: [finding], manifests: stored };
  }
}

function list(manifests: readonly OperatorManifest[]): string {
  return manifests.map(({ id }) => id).join(", ");
}
