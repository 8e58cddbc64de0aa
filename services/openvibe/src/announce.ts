import type { Config } from "@openvibe/composition";
import { findCronTrigger, type OperatorDefinition } from "@openvibe/core";

export interface Announcement {
  readonly url: string;
  readonly definitions: readonly OperatorDefinition[];
  readonly config: Config;
  /** Name of a model given by code. */
  readonly ownLlm?: string | undefined;
}

/** Tells a person at the terminal what runs, and the line to go on with. */
export function announce({ url, definitions, config, ownLlm }: Announcement): void {
  const llm = ownLlm ?? config.llm.kind;
  const store =
    config.store.kind === "sqlite"
      ? config.store.path === ":memory:"
        ? "memory"
        : config.store.path
      : `postgres (schema ${config.store.schema})`;
  const lines = [
    `OpenVibe serves ${definitions.map(({ manifest }) => manifest.id).join(", ")} at ${url}`,
    `  model ${llm}, bus ${config.bus.kind}, store ${store}`,
    ...(llm === "echo"
      ? ["  No model key is set: the model is `echo`, which answers offline and makes nothing up. Set ANTHROPIC_API_KEY for a real one."]
      : []),
    ...(config.scheduler !== "cron" && definitions.some(hasCronTrigger)
      ? ["  Nothing is started by the clock here: cron triggers need `openvibe dev --cron`, `openvibe serve` or OPENVIBE_SCHEDULER=cron."]
      : []),
    "  Try:",
    ...definitions.slice(0, 3).map(({ manifest }) => `    ${exampleCurl(url, manifest.id, manifest.workflows[0]?.triggers[0]?.id ?? "")}`),
    `    curl ${url}/v1/operators`,
    `  Every request can be tried in a browser: ${url}/docs`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function hasCronTrigger({ manifest }: OperatorDefinition): boolean {
  return manifest.workflows.some(({ triggers }) => triggers.some(({ on }) => findCronTrigger(on) !== undefined));
}

function exampleCurl(url: string, operatorId: string, trigger: string, input: object = {}): string {
  return `curl -X POST ${url}/v1/operators/${operatorId}/activate -H 'content-type: application/json' -H 'prefer: wait=30' -d '${JSON.stringify({ trigger, input })}'`;
}
