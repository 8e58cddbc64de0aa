import type { ConfigFile } from "@openvibe/composition/settings"; // by itself: an author's compiler shall read no server's types
import { OpenVibeError } from "@openvibe/core";

/** The settings of `openvibe.config`, and two names that are the same for every vendor. */
export interface Defaults extends ConfigFile {
  /** The key of the vendor that `llm` names: the same as `anthropicApiKey`. */
  readonly apiKey?: string | undefined;
  /** The same as `llmBaseUrl`. */
  readonly baseUrl?: string | undefined;
}

/** On the process, not in this module: the command and the operator's file may each have a copy of this package. */
const CONFIGURED = Symbol.for("openvibe.configured");
interface Process {
  values: ConfigFile | undefined;
  /** Servers and runtimes that run. */
  running: number;
}
const ofProcess = (): Process => ((globalThis as { [CONFIGURED]?: Process })[CONFIGURED] ??= { values: undefined, running: 0 });

/**
 * Says what `serve`, `createRuntime` and the commands that load this file take where their options, the environment and the configuration file say
 * nothing. A later call adds to an earlier one. Names and values are checked when they are read.
 * @throws OpenVibeError OV_CONFIG_INVALID when a server or runtime runs already: it would not hear of it
 * @example configure({ llm: "anthropic", apiKey: process.env.MY_KEY, keepRuns: "90d" });
 */
export function configure({ apiKey, baseUrl, ...values }: Defaults): void {
  const { running, values: before } = ofProcess();
  if (running > 0)
    throw new OpenVibeError(
      "OV_CONFIG_INVALID",
      "configure() comes too late: a server or runtime of this process has begun with what was said before; call it before serve() and createRuntime()",
    );
  ofProcess().values = { ...before, ...values, ...keyOf(apiKey, values), ...(baseUrl === undefined ? {} : { llmBaseUrl: baseUrl }) };
}

/** @throws OpenVibeError OV_CONFIG_INVALID */
function keyOf(apiKey: string | undefined, { llm = "anthropic" }: ConfigFile): ConfigFile {
  if (apiKey === undefined) return {};
  switch (llm) {
    case "anthropic":
      return { anthropicApiKey: apiKey };
    case "echo":
      throw new OpenVibeError("OV_CONFIG_INVALID", "configure(): apiKey is given, and llm is echo, which takes none");
    default:
      return llm satisfies never;
  }
}

/** What was said, if anything was. */
export function configuredDefaults(): ConfigFile | undefined {
  return ofProcess().values;
}

/** While it is not disposed of, a server or runtime runs. */
export function beginRunning(): Disposable {
  let ended = false;
  ofProcess().running++;
  return {
    [Symbol.dispose]() {
      if (!ended) ofProcess().running--;
      ended = true;
    },
  };
}
