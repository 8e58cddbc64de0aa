import type { Place } from "../log-loss.ts";
import { LogPosition, type LogPositionOptions } from "./log-position.ts";

export interface TurnOptions<Value extends Place> extends LogPositionOptions<Value> {
  /** Unique to this process. */
  readonly me: string;
  /** For how long the position of another one may stand still. */
  readonly takeOverMs: number;
}

const SAVE_EVERY_MS = 500;

/**
 * One relay at a time at a piece of work on the log. Whoever is at it is left alone as long as the position moves; when it stands still another one takes over.
 * No lock and no lease: two may be at it for a moment, which costs work and nothing else, as that work may be done twice.
 */
export class Turn<Value extends Place = Place> {
  readonly #position: LogPosition<Value>;
  readonly #me: string;
  readonly #takeOverMs: number;
  #savedAt = Number.NEGATIVE_INFINITY;

  constructor(options: TurnOptions<Value>) {
    this.#position = new LogPosition(options);
    this.#me = options.me;
    this.#takeOverMs = options.takeOverMs;
  }

  /**
   * Where to go on, when it is for this process to do so. `mustMove` says of a position whether the one who is at it would have moved it by now, if alive.
   * @throws OpenVibeError OV_STORE_UNAVAILABLE
   */
  async take(mustMove: (value: Value) => boolean = () => true): Promise<Value | undefined> {
    const { value, by } = await this.#position.read();
    if (by === this.#me) return value;
    const isFree = by === undefined || (this.#position.stillMs >= this.#takeOverMs && mustMove(value));
    return isFree && (await this.#write(value)) ? value : undefined;
  }

  /** Whether the last `save` is long enough ago. What is not saved is done again by a successor, to no effect: often enough is enough. */
  get isSaveDue(): boolean {
    return performance.now() - this.#savedAt >= SAVE_EVERY_MS;
  }

  /** `false` when another process has taken over. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async save(value: Value): Promise<boolean> {
    this.#savedAt = performance.now();
    return await this.#write(value);
  }

  /** Another one may go on at once. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async leave(value: Value): Promise<void> {
    await this.#position.moveTo(value);
  }

  async #write(value: Value): Promise<boolean> {
    return await this.#position.moveTo(value, this.#me);
  }
}
