import type { EventLog } from "@openvibe/bus";
import { type Logger, newToken, OpenVibeError } from "@openvibe/core";
import type { SettingStore } from "@openvibe/store";
import { type Cursor, findCursor, formatCursor, NO_DIGEST } from "./cursor.ts";
import { isLogLost, type Place, placeAt } from "./log-loss.ts";
import { SharedText } from "./position/shared-text.ts";

/** One value holds epoch and high-water mark, so that one compare-and-set changes both and neither is ever seen with another's. */
export const LOG_MARK_KEY = "event_log.mark";

/**
 * The log's epoch and the newest event any relay has seen in it, shared through the store. The store outlives the log: a log that ends
 * before the mark, or holds another event there, is not the log it was, and cursors of the old one must not be taken for its own.
 */
export class LogMark {
  readonly #deps: { readonly log: EventLog; readonly settings: SettingStore; readonly logger: Logger; readonly newEpoch?: () => string };
  readonly #text: SharedText;
  #mark: Cursor | undefined;

  constructor(deps: {
    readonly log: EventLog;
    readonly settings: SettingStore;
    readonly logger: Logger;
    readonly newEpoch?: () => string;
  }) {
    this.#deps = deps;
    this.#text = new SharedText(deps.settings, LOG_MARK_KEY);
  }

  /** @throws OpenVibeError OV_INTERNAL before the first `refresh` */
  get current(): Cursor {
    if (this.#mark === undefined) throw new OpenVibeError("OV_INTERNAL", "the event log's epoch was asked for before it was read");
    return this.#mark;
  }

  /** Reads what others have written; makes the first mark. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async refresh(): Promise<Cursor> {
    for (;;) {
      const text = await this.#text.read();
      const mark = text === undefined ? undefined : findCursor(text);
      if (mark !== undefined) {
        this.#mark = mark;
        return mark;
      }
      await this.#write({ epoch: this.#newEpoch(), position: 0, digest: NO_DIGEST });
    }
  }

  /** Says that the log reached this far. Whoever else wrote meanwhile is read and wins. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async raise({ position, digest }: Place): Promise<void> {
    if (position <= this.current.position || digest === NO_DIGEST) return;
    if (!(await this.#write({ epoch: this.current.epoch, position, digest }))) await this.refresh();
  }

  /** Whether the log no longer holds what was seen there. Takes its time to say yes. @throws OpenVibeError OV_BUS_UNAVAILABLE */
  isLost(seen: Place, signal: AbortSignal): Promise<boolean> {
    return isLogLost(this.#deps.log, seen, signal);
  }

  /** Begins a new epoch at the log's present end, or takes the one that another relay began. @throws OpenVibeError OV_BUS_UNAVAILABLE, OV_STORE_UNAVAILABLE */
  async beginEpoch(): Promise<void> {
    const { epoch, position } = this.current;
    while (this.current.epoch === epoch) {
      const end = await placeAt(this.#deps.log, (await this.#deps.log.bounds()).last);
      if (!(await this.#write({ epoch: this.#newEpoch(), ...end }))) await this.refresh();
    }
    this.#deps.logger.warn({ lost: epoch, position, epoch: this.current.epoch }, "event log was lost: older cursors get stream.reset");
  }

  #newEpoch(): string {
    return (this.#deps.newEpoch ?? newToken)();
  }

  async #write(mark: Cursor): Promise<boolean> {
    if (!(await this.#text.replace(formatCursor(mark)))) return false;
    this.#mark = mark;
    return true;
  }
}
