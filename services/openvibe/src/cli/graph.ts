import { OpenVibeError, type OperatorManifest } from "@openvibe/core";
import { drawMermaid, drawSvg, drawText, toGraphData } from "@openvibe/graph/plan";
import { endWith } from "./end-with.ts";
import { type NamedManifest, readManifests } from "./manifest-source.ts";
import { printJson } from "./print.ts";
import type { ShowOptions } from "./runs.ts";

type GraphFormat = "text" | "mermaid" | "svg";

interface GraphOptions extends ShowOptions {
  readonly format: GraphFormat;
  readonly workflow?: string;
}

const DRAWN: Readonly<Record<GraphFormat, (manifest: Pick<OperatorManifest, "id" | "workflows">) => string>> = {
  text: drawText,
  mermaid: drawMermaid,
  svg: drawSvg,
};

/** `openvibe graph`: workflows as pictures, of files or of what a server has. */
export async function showGraph(source: string | undefined, { format, workflow, json, ...options }: GraphOptions): Promise<void> {
  const found = (await readManifests(source, options))
    .map((each) => only(each, workflow))
    .filter(({ manifest }) => manifest.workflows.length > 0);
  const [first] = found;
  if (first === undefined) throw new OpenVibeError("OV_PARAMETER_INVALID", `there is no workflow ${workflow ?? ""}`);
  if (json === true)
    printJson(found.map(({ manifest, version }) => ({ operator_id: manifest.id, version, workflows: toGraphData(manifest) })));
  else if (format !== "text" && found.length > 1) {
    const ids = found.map(({ manifest }) => manifest.id).join(", ");
    throw new OpenVibeError(
      "OV_PARAMETER_INVALID",
      `--format ${format} draws one operator at a time, and there are ${ids}: name the file of one`,
    );
  }
  await endWith(process.stdout, json === true ? "" : `${found.map(({ manifest }) => DRAWN[format](manifest)).join("\n\n")}\n`);
}

function only({ manifest, version }: NamedManifest, workflow: string | undefined): NamedManifest {
  if (workflow === undefined) return { manifest, version };
  return { manifest: { ...manifest, workflows: manifest.workflows.filter(({ id }) => id === workflow) }, version };
}
