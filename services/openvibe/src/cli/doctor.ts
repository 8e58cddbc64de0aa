import { type Config, loadConfig, secretsOf } from "@openvibe/composition";
import { type Finding, failFinding, isOpenVibeError, okFinding } from "@openvibe/core";
import { createScrubber } from "@openvibe/telemetry";
import { examineBus } from "./doctor/bus.ts";
import { examineLlm, judgeModels } from "./doctor/llm.ts";
import { examineOperators } from "./doctor/operators.ts";
import { examinePort } from "./doctor/port.ts";
import { examineStore } from "./doctor/store.ts";
import { tellFindings } from "./findings.ts";

export interface DoctorOptions {
  readonly json?: boolean;
  readonly monitor?: string;
}

/** `openvibe doctor`: whether `serve` would start here, and its promises be kept. Changes nothing. */
export async function doctor(files: readonly string[], options: DoctorOptions): Promise<void> {
  const node = okFinding("node", `Node is ${process.versions.node}`); // an older one does not come this far
  const json = options.json === true;
  let config: Config;
  try {
    config = await loadConfig(process.env);
  } catch (error) {
    if (!isOpenVibeError(error)) throw error;
    const advice = { why: "nothing starts, and nothing else can be checked", todo: "correct these settings" };
    return tellFindings([node, failFinding("config", error.message, advice)], { json, scrub: (text) => text });
  }
  tellFindings([node, ...(await examineAll(files, config, options))], { json, scrub: createScrubber(secretsOf(config)) });
  // What operators' files opened when they were loaded holds nobody up.
  process.stdout.write("", () => process.exit());
}

async function examineAll(files: readonly string[], config: Config, { monitor }: DoctorOptions): Promise<readonly Finding[]> {
  const [store, port, opsPort] = await Promise.all([
    examineStore(config.store),
    examinePort("http.port", config),
    config.ops === undefined ? [] : examinePort("http.ops_port", config.ops),
  ]);
  const bus = await examineBus(config.bus, { operators: store.manifests.map(({ id }) => id), monitorUrl: monitor });
  const operators = await examineOperators(files, config, store.manifests);
  const today = new Date().toISOString().slice(0, 10);
  return [
    okFinding("config", `the configuration can be read: store ${config.store.kind}, bus ${config.bus.kind}, model ${config.llm.kind}`),
    ...store.findings,
    ...bus,
    examineLlm(config.llm),
    ...operators.findings,
    ...judgeModels(operators.manifests, config.llm, today),
    port,
    opsPort,
  ].flat();
}
