import type { OpenedAdapters } from "@openvibe/composition";
import {
  didYouMean,
  isEventType,
  isTerminalEventType,
  type Logger,
  messageOf,
  nearestNames,
  OpenVibeError,
  type OpenVibeEvent,
  type RunId,
  silentLogger,
  TERMINAL_EVENT_TYPES,
} from "@openvibe/core";
import type { Hooks } from "./hooks.ts";
import { withData } from "./read-events.ts";

type Handler = (event: OpenVibeEvent) => unknown;

export interface OpenHooks extends Hooks, AsyncDisposable {
  /** Resolves when what was handed to `on` is heard, as far as the bus lets it; at once where nothing was. Never throws. */
  ready(): Promise<void>;
}

const ALL = "*";
const OURS = ["run.queued", "run.started", "run.waiting", "run.resumed", ...TERMINAL_EVENT_TYPES, "node.completed", "node.failed"];
const LIVE = ["node.started", "node.retrying", "node.progress", "node.skipped", "llm.delta"];
/** Runs of which is remembered what was told: an event may be stored twice. */
const MOST_RUNS = 10_000;

/** Costs nothing until a handler is there: then the event log is listened to once, whatever the number of handlers. */
export function openHooks(adapters: OpenedAdapters, logger: Logger): OpenHooks {
  const handlers = new Map<string, Set<Handler>>();
  const told = new Map<RunId, number>();
  let listening: Promise<Disposable | undefined> | undefined;
  let telling = Promise.resolve();

  const call = (handler: Handler, event: OpenVibeEvent) => {
    const failed = (err: unknown) => {
      // Inside another program nobody logs: Node's own warnings do.
      if (logger === silentLogger) process.emitWarning(`a handler of ${event.type} threw: ${messageOf(err)}`, "OpenVibeWarning");
      else logger.error({ event_type: event.type, run_id: event.runId, operator_id: event.operatorId, err }, "a hook's handler threw");
    };
    try {
      Promise.resolve(handler(event)).catch(failed);
    } catch (error) {
      failed(error);
    }
  };
  const hear = (event: OpenVibeEvent) => {
    const wanting = [...(handlers.get(event.type) ?? []), ...(handlers.get(ALL) ?? [])];
    if (isRepeat(told, event) || wanting.length === 0) return;
    // One after the other, also where data has to be read: handlers see a run's events in order.
    telling = telling.then(async () => {
      const whole = await withData(adapters.store, event).catch(() => event);
      for (const handler of wanting) call(handler, whole);
    });
  };
  const listen = async () => {
    try {
      return await adapters.bus.log.listen(({ event }) => hear(event));
    } catch (err) {
      listening = undefined; // the next handler, or the next run, tries again
      logger.warn({ err }, "hooks hear nothing: the event log cannot be listened to");
      return undefined;
    }
  };
  const ready = async () => {
    if (handlers.size > 0) await (listening ??= listen());
  };
  const off = (type: string, handler: Handler) => {
    const named = plain(type);
    const left = handlers.get(named);
    left?.delete(handler);
    if (left?.size === 0) handlers.delete(named);
  };

  return {
    on(given, handler) {
      const type = parseHookType(given);
      const mine = handler as Handler;
      handlers.set(type, (handlers.get(type) ?? new Set()).add(mine));
      void ready();
      return { [Symbol.dispose]: () => off(type, mine) };
    },
    off: (type, handler) => off(type, handler as Handler),
    ready,
    async [Symbol.asyncDispose]() {
      handlers.clear();
      (await listening)?.[Symbol.dispose]();
      await telling;
    },
  };
}

/** The original's name for it. */
function plain(type: string): string {
  return type === "node.error" ? "node.failed" : type;
}

/** @throws OpenVibeError OV_EVENT_TYPE_INVALID for what is never heard */
function parseHookType(given: string): string {
  const type = plain(given);
  if (type === ALL || OURS.includes(type)) return type;
  const why = LIVE.includes(type)
    ? "is told live only, to those who follow a run's stream"
    : !isEventType(type)
      ? 'is no event type; allowed are up to four words of a-z, 0-9, _ and - joined by dots, or "*"'
      : /^(run|node|llm)\./.test(type)
        ? `is no event of OpenVibe${didYouMean(nearestNames(type, OURS))}`
        : undefined;
  if (why === undefined) return type;
  throw new OpenVibeError("OV_EVENT_TYPE_INVALID", `on(${JSON.stringify(given)}): ${why}`);
}

/** Whether this event of a run, or a later one, was heard before. */
function isRepeat(told: Map<RunId, number>, { runId, sequence, type }: OpenVibeEvent): boolean {
  if (runId === null || sequence === null) return false;
  if (sequence <= (told.get(runId) ?? -1)) return true;
  if (isTerminalEventType(type)) told.delete(runId);
  else told.set(runId, sequence);
  for (const oldest of told.keys()) {
    if (told.size <= MOST_RUNS) break;
    told.delete(oldest);
  }
  return false;
}
