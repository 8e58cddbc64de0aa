import type { RunnableConfig } from "@langchain/core/runnables";
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointPendingWrite,
  type CheckpointTuple,
  compareWritesSortKeys,
  getCheckpointId,
  maxChannelVersion,
  type PendingWrite,
  TASKS,
  WRITES_IDX_MAP,
  writesSortKey,
} from "@langchain/langgraph-checkpoint";
import { OpenVibeError } from "@openvibe/core";
import {
  type CheckpointOwner,
  type CheckpointPlace,
  type CheckpointStore,
  MAX_WRITES,
  type StoredCheckpoint,
  type StoredWrite,
} from "@openvibe/store";
import { dumpValue, loadValue, strictSerde } from "./serde.ts";

/** What a checkpoint may bring in JSON, so that one graph cannot fill the store: as much as sixteen whole states of ours. */
const MAX_CHECKPOINT_BYTES = 8 * 1024 * 1024;

/** Channel -> its version, and what it holds as the serializer wrote it. */
type StoredChannels = Readonly<Record<string, readonly [version: string | number, value: string]>>;

/** The checkpoints of one run, kept in the store by its owner: LangGraph's saver for the graphs that the run's steps bring. */
export class StoreSaver extends BaseCheckpointSaver {
  readonly #checkpoints: CheckpointStore;
  readonly #owner: CheckpointOwner;

  constructor(checkpoints: CheckpointStore, owner: CheckpointOwner) {
    super(strictSerde);
    this.#checkpoints = checkpoints;
    this.#owner = owner;
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const threadId: unknown = config.configurable?.thread_id;
    if (typeof threadId !== "string") return undefined;
    const place = { threadId, namespace: namespaceOf(config) };
    const history = await this.#read(place);
    const wanted = getCheckpointId(config);
    const stored = wanted === "" ? history.checkpoints[0] : history.checkpoints.find(({ checkpointId }) => checkpointId === wanted);
    return stored === undefined ? undefined : this.#toTuple(stored, history);
  }

  /** Newest first. Without a thread: of all threads of the run. */
  override async *list(config: RunnableConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
    const { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: only } = config.configurable ?? {};
    const { limit = Number.POSITIVE_INFINITY, before, filter = {} } = options;
    const beforeId: unknown = before?.configurable?.checkpoint_id;
    const history = await this.#read({
      ...(threadId === undefined ? {} : { threadId }),
      ...(namespace === undefined ? {} : { namespace }),
    });
    let left = limit;
    for (const stored of history.checkpoints) {
      if (left <= 0) return;
      if (only !== undefined && stored.checkpointId !== only) continue;
      if (typeof beforeId === "string" && stored.checkpointId >= beforeId) continue;
      const metadata = loadValue(stored.metadata) as Readonly<Record<string, unknown>>;
      if (!Object.entries(filter).every(([key, value]) => metadata[key] === value)) continue;
      left--;
      yield this.#toTuple(stored, history);
    }
  }

  /** The newest checkpoint of each namespace of a thread: of the graph itself, and of those nested in it. */
  async newest(threadId: string): Promise<readonly CheckpointTuple[]> {
    const history = await this.#read({ threadId });
    const byNamespace = Map.groupBy(history.checkpoints, ({ namespace }) => namespace);
    return [...byNamespace.values()].flatMap(([first]) => (first === undefined ? [] : [this.#toTuple(first, history)]));
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const threadId = threadOf(config, "put a checkpoint");
    const namespace = namespaceOf(config);
    const { channel_values: values, ...rest } = checkpoint;
    const changed = Object.entries(newVersions).filter(([channel]) => Object.hasOwn(values, channel));
    const channels: StoredChannels = Object.fromEntries(
      changed.map(([channel, version]) => [channel, [version, dumpValue(values[channel], channel)]]),
    );
    await this.#own(
      this.#checkpoints.put(this.#owner, {
        threadId,
        namespace,
        checkpointId: checkpoint.id,
        parentId: getCheckpointId(config) || null,
        checkpoint: dumpValue(rest, "checkpoint"),
        channels: bounded(JSON.stringify(channels), threadId),
        metadata: dumpValue(metadata, "metadata"),
      }),
    );
    return { configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpoint.id } };
  }

  override async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string, taskPath = ""): Promise<void> {
    const threadId = threadOf(config, "put writes");
    const checkpointId = getCheckpointId(config);
    if (checkpointId === "") throw new Error("to put writes, configurable.checkpoint_id is needed");
    const at = { threadId, namespace: namespaceOf(config), checkpointId, taskId, taskPath };
    const byIndex = new Map<number, StoredWrite>();
    for (const [position, [channel, value]] of writes.entries()) {
      const index = WRITES_IDX_MAP[channel] ?? position;
      byIndex.set(index, { ...at, index, write: bounded(JSON.stringify([channel, dumpValue(value, channel)]), threadId) });
    }
    const given = [...byIndex.values()];
    for (let from = 0; from < given.length; from += MAX_WRITES)
      await this.#own(this.#checkpoints.putWrites(this.#owner, given.slice(from, from + MAX_WRITES)));
  }

  override async deleteThread(threadId: string): Promise<void> {
    await this.#checkpoints.deleteThread(this.#owner.runId, threadId);
  }

  async #read(place: Partial<CheckpointPlace>): Promise<History> {
    const [checkpoints, writes] = await Promise.all([
      this.#checkpoints.list(this.#owner.runId, place),
      this.#checkpoints.writes(this.#owner.runId, place),
    ]);
    return { checkpoints, byKey: new Map(checkpoints.map((one) => [keyOf(one), one])), writes: Map.groupBy(writes, keyOf) };
  }

  async #own(kept: Promise<boolean>): Promise<void> {
    if (await kept) return;
    const { runId, attempt } = this.#owner;
    throw new OpenVibeError("OV_RUN_LOST", `attempt ${attempt} does not own run ${runId} any more: its graph's checkpoint is not kept`);
  }

  #toTuple(stored: StoredCheckpoint, history: History): CheckpointTuple {
    const { threadId, namespace, parentId } = stored;
    const configOf = (checkpointId: string) => ({
      configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpointId },
    });
    const rest = loadValue(stored.checkpoint) as Omit<Checkpoint, "channel_values">;
    const checkpoint: Checkpoint = { ...rest, channel_values: readChannels(stored, rest.channel_versions, history) };
    const parent = parentId === null ? undefined : history.byKey.get(keyOf({ ...stored, checkpointId: parentId }));
    if (checkpoint.v < 4 && parent !== undefined) this.#adoptSends(checkpoint, readWrites(parent, history));
    return {
      config: configOf(stored.checkpointId),
      checkpoint,
      metadata: loadValue(stored.metadata) as CheckpointMetadata,
      ...(parentId === null ? {} : { parentConfig: configOf(parentId) }),
      pendingWrites: readWrites(stored, history),
    };
  }

  /** Before version 4 of the format what was sent to nodes stood among the parent's writes. */
  #adoptSends(checkpoint: Checkpoint, writes: readonly CheckpointPendingWrite[]): void {
    const versions = Object.values(checkpoint.channel_versions);
    checkpoint.channel_values[TASKS] = writes.filter(([, channel]) => channel === TASKS).map(([, , value]) => value);
    checkpoint.channel_versions[TASKS] = versions.length > 0 ? maxChannelVersion(...versions) : this.getNextVersion(undefined);
  }
}

/** What was read at once: newest first, and findable. */
interface History {
  readonly checkpoints: readonly StoredCheckpoint[];
  readonly byKey: ReadonlyMap<string, StoredCheckpoint>;
  readonly writes: ReadonlyMap<string, readonly StoredWrite[]>;
}

function keyOf({ threadId, namespace, checkpointId }: CheckpointPlace & { readonly checkpointId: string }): string {
  return JSON.stringify([threadId, namespace, checkpointId]);
}

/** Each channel as the nearest ancestor, or the checkpoint itself, wrote it in this version. */
function readChannels(stored: StoredCheckpoint, versions: ChannelVersions, { byKey }: History): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const open = new Map(Object.entries(versions));
  for (let at: StoredCheckpoint | undefined = stored; at !== undefined && open.size > 0; ) {
    for (const [channel, [version, value]] of Object.entries(JSON.parse(at.channels) as StoredChannels)) {
      if (open.get(channel) !== version) continue;
      values[channel] = loadValue(value);
      open.delete(channel);
    }
    at = at.parentId === null ? undefined : byKey.get(keyOf({ ...stored, checkpointId: at.parentId }));
  }
  return values;
}

/** In the order in which a superstep applies them. */
function readWrites(stored: StoredCheckpoint, { writes }: History): CheckpointPendingWrite[] {
  const sortKey = ({ taskPath, taskId, index }: StoredWrite) => writesSortKey(taskPath, taskId, index);
  return (writes.get(keyOf(stored)) ?? [])
    .toSorted((a, b) => compareWritesSortKeys(sortKey(a), sortKey(b)))
    .map(({ taskId, write }) => {
      const [channel, value] = JSON.parse(write) as readonly [string, string];
      return [taskId, channel, loadValue(value)];
    });
}

function threadOf(config: RunnableConfig, what: string): string {
  const threadId: unknown = config.configurable?.thread_id;
  if (typeof threadId === "string") return threadId;
  throw new Error(`to ${what}, configurable.thread_id is needed`);
}

function namespaceOf(config: RunnableConfig): string {
  return String(config.configurable?.checkpoint_ns ?? "");
}

/** @throws OpenVibeError OV_STATE_TOO_LARGE */
function bounded(text: string, threadId: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_CHECKPOINT_BYTES) return text;
  throw new OpenVibeError(
    "OV_STATE_TOO_LARGE",
    `a checkpoint of thread ${threadId} would bring ${bytes} bytes of JSON; allowed are ${MAX_CHECKPOINT_BYTES}`,
  );
}
