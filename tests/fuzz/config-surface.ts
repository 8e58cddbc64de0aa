/** Configuration files in YAML and JSON, and the environment: a value that is understood, or one refusal in words. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@openvibe/composition";
import { isOpenVibeError, type JsonValue } from "@openvibe/core";
import type { Maker } from "./maker.ts";
import { type Surface, shown } from "./surface.ts";

const WITHIN_MS = 5_000;

export const configSurface: Surface = {
  name: "configuration",
  weight: 8,
  async attempt(make) {
    const [name, text] = fileOf(make);
    const env = envOf(make);
    const sent = `${name} ${shown(text)} ${JSON.stringify(env)}`;
    const folder = await mkdtemp(join(tmpdir(), "openvibe-fuzz-"));
    const begun = performance.now();
    try {
      await writeFile(join(folder, name), text);
      await loadConfig(env, {}, { cwd: folder });
    } catch (error) {
      if (!isOpenVibeError(error, "OV_CONFIG_INVALID")) return { sent, fault: `thrown was ${String((error as Error)?.stack ?? error)}` };
      if (error.message.trim() === "" || error.message.includes("\n    at ")) return { sent, fault: `refused with ${error.message}` };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const tookMs = Math.round(performance.now() - begun);
    return tookMs > WITHIN_MS ? { sent, fault: `took ${tookMs} ms` } : { sent };
  },
};

const GOOD: JsonValue = {
  bus: "nats",
  natsUrl: ["nats://a:1", "nats://b:2"],
  natsReplicas: 3,
  store: "postgres",
  databaseUrl: "postgres://db/x",
  host: "127.0.0.1",
  port: 8080,
  apiKeys: ["ov_plain", { name: "ci", hash: `sha256:${"0a".repeat(32)}`, scopes: ["run"], operators: ["hello"] }],
  operators: ["a.ts", "b/*.ts"],
  slots: 8,
  keepRuns: "1d",
  logLevel: "debug",
};

const YAML =
  "bus: nats\nnatsUrl: [nats://a:1]\nport: 8080 # here\nkeepRuns: 30d\noperators:\n  - a.ts\n  - 'b.ts'\nserve: &all [x]\nhost: |\n  x\n";
const YAML_BITS = [
  "&a [*a]",
  "*all",
  "!!js/function x",
  "!!binary xx",
  "<<: *all",
  "? [a]\n: b",
  "---\n",
  "...\n",
  "\t",
  "%YAML 9.9\n",
  "'",
  '"\\q"',
  "|",
  ">",
];

function fileOf(make: Maker): [name: string, text: Buffer] {
  if (make.oneIn(2)) {
    const text = Buffer.from(JSON.stringify(make.oneIn(8) ? make.json() : make.bend(GOOD)));
    return [make.pick(["openvibe.config.json", "openvibe.config.yaml"]), make.oneIn(3) ? make.damage(text) : text];
  }
  const at = make.between(0, YAML.length);
  const text = Buffer.from(make.oneIn(2) ? `${YAML.slice(0, at)}${make.pick(YAML_BITS)}${YAML.slice(at)}` : YAML);
  return ["openvibe.config.yaml", make.oneIn(3) ? text : make.damage(text)];
}

const VARIABLES = [
  "PORT",
  "HOST",
  "BUS",
  "STORE",
  "LLM",
  "SLOTS",
  "KEEP_RUNS",
  "API_KEYS",
  "OPERATORS",
  "LOG_LEVEL",
  "NAMESPACE",
  "OPS_PORT",
];

function envOf(make: Maker): Record<string, string> {
  const name = () => make.pick([...VARIABLES.map((variable) => `OPENVIBE_${variable}`), "NATS_URL", "DATABASE_URL", "OPENVIBE_PROT"]);
  return Object.fromEntries(Array.from({ length: make.between(0, 3) }, () => [name(), make.text().slice(0, 500)]));
}
