import type { OpenedAdapters } from "@openvibe/composition";
import {
  type Logger,
  messageOf,
  OpenVibeError,
  type OpenVibeEvent,
  parseHookType as parseName,
  type RunId,
  silentLogger,
  toHookedType,
  toTypeMatcher,
} from "@openvibe/core";
import type { Hooks } from "./hooks.ts";
import { withData } from "./read-events.ts";

type Handler = (event: OpenVibeEvent) => unknown;

/** Of one pattern. */
interface Listening {
  readonly matches: (type: string) => boolean;
  readonly called: Set<Handler>;
}

export interface OpenHooks extends Hooks, AsyncDisposable {
  /** Resolves when what was handed to `on` is heard, as far as the bus lets it; nothing where that is so already. Never throws. */
  ready(): Promise<unknown> | undefined;
}

/** Runs of which is remembered what was told: an event may be stored twice. */
const MOST_RUNS = 10_000;

/** Costs nothing until a handler is there: then the event log is listened to once, whatever the number of handlers. */
export function openHooks(adapters: OpenedAdapters, logger: Logger): OpenHooks {
  const handlers = new Map<string, Listening>();
  const told = new Map<RunId, number>();
  let listening: Promise<Disposable | undefined> | undefined;
  let hears = false;
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
    if (isRepeat(told, event)) return;
    const wanting = [...handlers.values()].flatMap(({ matches, called }) => (matches(event.type) ? [...called] : []));
    if (wanting.length === 0) return;
    // One after the other, also where data has to be read: handlers see a run's events in order.
    telling = telling.then(async () => {
      const whole = await withData(adapters.store, event).catch(() => event);
      for (const handler of wanting) call(handler, whole);
    });
  };
  const listen = async () => {
    try {
      const ear = await adapters.bus.log.listen(({ event }) => hear(event));
      hears = true;
      return ear;
    } catch (err) {
      listening = undefined; // the next handler, or the next run, tries again
      logger.warn({ err }, "hooks hear nothing: the event log cannot be listened to");
      return undefined;
    }
  };
  const ready = () => {
    if (hears || handlers.size === 0) return undefined;
    listening ??= listen();
    return listening;
  };
  const off = (type: string, handler: Handler) => {
    const named = toHookedType(type);
    const left = handlers.get(named)?.called;
    left?.delete(handler);
    if (left?.size === 0) handlers.delete(named);
  };

  return {
    on(given, handler) {
      const type = parseHookType(given);
      const mine = handler as Handler;
      const listening = handlers.get(type) ?? { matches: toTypeMatcher([type]), called: new Set() };
      listening.called.add(mine);
      handlers.set(type, listening);
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

/** @throws OpenVibeError OV_EVENT_TYPE_INVALID for what is never heard */
export function parseHookType(given: string): string {
  return parseName(given, (detail) => new OpenVibeError("OV_EVENT_TYPE_INVALID", `on: ${detail}`));
}

/** Whether this event of a run, or a later one, was heard before. */
function isRepeat(told: Map<RunId, number>, { runId, sequence }: OpenVibeEvent): boolean {
  if (runId === null || sequence === null) return false;
  if (sequence <= (told.get(runId) ?? -1)) return true;
  told.set(runId, sequence);
  for (const oldest of told.keys()) {
    if (told.size <= MOST_RUNS) break;
    told.delete(oldest);
  }
  return false;
}
