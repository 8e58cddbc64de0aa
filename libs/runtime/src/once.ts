import { AsyncLocalStorage } from "node:async_hooks";
import { findJsonFault, OpenVibeError } from "@openvibe/core";
import type { SubStepStore } from "@openvibe/store";
import { patiently } from "./patience.ts";

const MAX_RESULT_BYTES = 256 * 1024;
const MAX_NODE_BYTES = 4 * 1024 * 1024;
const MAX_KEYS = 1_000;
/** No control characters, no halves of surrogate pairs: what every database keeps. */
const KEY = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

/** Where results are kept, and for which node: the same in every attempt of it. */
export interface KeptResults {
  readonly store: SubStepStore;
  /** Writes of the run that were committed when the node began. */
  readonly began: number;
  /** An earlier attempt may have kept some. */
  readonly mayBeThere: boolean;
  /** Hears that something is kept, which is to be dropped when the node is committed. */
  readonly onKept: () => void;
}

export interface OnceDeps {
  /** `run r node n`. */
  readonly at: string;
  readonly runId: string;
  readonly attempt: number;
  /** Node and pass. */
  readonly place: string;
  readonly effectKey: string;
  readonly signal: AbortSignal;
  /** Absent where nothing is to outlive this process. */
  readonly kept?: KeptResults | undefined;
  /** @throws OpenVibeError OV_NODE_FAILED */
  readonly refuseWhenClosed: (what: string) => void;
}

/** The code of which sub-step is running. */
export interface InsideOnce {
  readonly key: string;
  /** Questions it has asked so far: they are counted apart, for they are not asked again. */
  asks: number;
}

const inside = new AsyncLocalStorage<InsideOnce>();

export function findOnce(): InsideOnce | undefined {
  return inside.getStore();
}

/** `ctx.once` of one node: see there. */
export function createOnce(deps: OnceDeps) {
  const { at, runId, attempt, place, effectKey, signal, kept } = deps;
  /** By key: the result's JSON text, `null` for nothing. */
  const calls = new Map<string, Promise<string | null>>();
  let loading: Promise<ReadonlyMap<string, string | null>> | undefined;
  let bytes = 0;

  const load = () => {
    loading ??= kept?.mayBeThere === true ? readKept(kept) : Promise.resolve(NONE);
    return loading;
  };
  const readKept = async ({ store, began }: KeptResults) => {
    const found = await patiently(() => store.of({ runId, place, step: began }), { signal });
    for (const text of found.values()) bytes += bytesOf(text);
    if (found.size > 0) kept?.onKept();
    return found;
  };
  const run = async (key: string, fn: (effectKey: string) => unknown): Promise<string | null> => {
    const before = (await load()).get(key);
    if (before !== undefined) return before;
    const result = await inside.run({ key, asks: 0 }, async () => await fn(`${effectKey}:${key}`));
    const what = `ctx.once(${JSON.stringify(key)})`;
    deps.refuseWhenClosed(`${what} had a result`);
    const text = toText(result, `${at}: result of ${what}`);
    checkBounds(text, what);
    if (kept === undefined) return text;
    kept.onKept();
    const verdict = await patiently(() => kept.store.keep({ runId, attempt, place, key, step: kept.began, result: text }), { signal });
    if (verdict === "stale") throw new OpenVibeError("OV_RUN_LOST", `${at}: ${what} is not kept, for the run is in other hands by now`);
    return text;
  };
  const checkBounds = (text: string | null, what: string) => {
    const size = bytesOf(text);
    if (size > MAX_RESULT_BYTES)
      throw new OpenVibeError("OV_BODY_TOO_LARGE", `${at}: result of ${what} has ${size} bytes of JSON; allowed are ${MAX_RESULT_BYTES}`);
    if (bytes + size > MAX_NODE_BYTES)
      throw new OpenVibeError("OV_BODY_TOO_LARGE", `${at}: its results of ctx.once would have more than ${MAX_NODE_BYTES} bytes of JSON`);
    bytes += size;
  };

  return async <T>(key: string, fn: (effectKey: string) => T | Promise<T>): Promise<T> => {
    deps.refuseWhenClosed(`ctx.once(${shown(key)})`);
    if (typeof key !== "string" || !KEY.test(key))
      throw new OpenVibeError(
        "OV_ID_INVALID",
        `${at}: ctx.once: the key ${shown(key)} is not allowed: 1 to 200 characters, none of them a control character`,
      );
    let call = calls.get(key);
    if (call === undefined) {
      if (calls.size >= MAX_KEYS)
        throw new OpenVibeError("OV_BODY_TOO_LARGE", `${at}: ctx.once has ${MAX_KEYS} keys already; no more are allowed`);
      call = run(key, fn);
      calls.set(key, call);
      call.catch(() => calls.delete(key)); // a failure is not kept
    }
    const text = await call;
    // A copy for each caller, and what a later attempt would be given: not the very object.
    return (text === null ? undefined : JSON.parse(text)) as T;
  };
}

function shown(key: unknown): string {
  return typeof key === "string" ? JSON.stringify(key.slice(0, 80)) : `of type ${typeof key}`;
}

const NONE: ReadonlyMap<string, string | null> = new Map();

/** @throws OpenVibeError OV_PATCH_INVALID */
function toText(result: unknown, what: string): string | null {
  if (result === undefined) return null;
  const fault = findJsonFault(result);
  if (fault === undefined) return JSON.stringify(result);
  throw new OpenVibeError("OV_PATCH_INVALID", `${what} at ${fault.pointer === "" ? "its top" : fault.pointer}: ${fault.detail}`);
}

function bytesOf(text: string | null): number {
  return text === null ? 0 : Buffer.byteLength(text);
}
