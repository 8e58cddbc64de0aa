import { isOpenVibeError, type Logger, type OperatorDefinition, type OperatorId } from "@openvibe/core";
import type { ManifestStore, PostedSource } from "@openvibe/store";
import { pause } from "./patience.ts";

/** How operators that came over HTTP are served besides. */
export interface PostedOptions {
  /** Makes a definition of what the store keeps. @throws OpenVibeError OV_DEFINITION_INVALID, for one where a handler of it is not here */
  readonly compile: (posted: PostedSource) => OperatorDefinition | Promise<OperatorDefinition>;
  /** Keys of the handlers that are here, `<operator>.<workflow>.<node>`: told in the registry, so that a document that needs them is taken. */
  readonly handlers?: readonly string[];
  /** How often the store is asked for news; 2,000 by default. */
  readonly everyMs?: number;
}

const EVERY_MS = 2_000;

export interface PostedDeps {
  readonly manifests: Pick<ManifestStore, "listPosted">;
  readonly logger: Logger;
  /** Whether code of this process defines the operator: then that is served. */
  readonly isOurs: (operatorId: OperatorId) => boolean;
  readonly begin: (definition: OperatorDefinition) => Promise<void>;
  readonly end: (operatorId: OperatorId) => Promise<void>;
}

/** Serves what the store says was posted, until `signal` aborts: begins what is new, changes what has another version, ends what is gone. Never throws. */
export async function followPosted({ compile, everyMs = EVERY_MS }: PostedOptions, deps: PostedDeps, signal: AbortSignal): Promise<void> {
  const served = new Map<OperatorId, string>();
  /** Told once, and not tried again before it is another one. */
  const refused = new Map<OperatorId, string>();
  const look = async () => {
    const all = await deps.manifests.listPosted();
    for (const operatorId of served.keys()) {
      if (all.some((posted) => posted.operatorId === operatorId)) continue;
      await deps.end(operatorId);
      served.delete(operatorId);
      deps.logger.info({ operator_id: operatorId }, "a posted operator is served no more");
    }
    for (const posted of all) {
      const { operatorId, version } = posted;
      if (served.get(operatorId) === version || refused.get(operatorId) === version || deps.isOurs(operatorId)) continue;
      await tryBegin(posted);
    }
  };
  const tryBegin = async (posted: PostedSource) => {
    const { operatorId, version } = posted;
    try {
      await deps.begin(await compile(posted));
      served.set(operatorId, version);
      deps.logger.info({ operator_id: operatorId, definition: version }, "a posted operator is served");
    } catch (err) {
      if (signal.aborted) return;
      if (isOpenVibeError(err, "OV_DEFINITION_INVALID")) refused.set(operatorId, version);
      deps.logger.warn({ operator_id: operatorId, definition: version, err }, "a posted operator cannot be served here");
    }
  };
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => stop(), { once: true });
  while (!signal.aborted) {
    const looking = look().catch((err: unknown) => {
      if (!signal.aborted) deps.logger.debug({ err }, "posted operators could not be looked for");
    });
    await Promise.race([looking, stopped]); // a store that does not answer must not hold up the drain
    await pause(everyMs, signal);
  }
}
