import type { SettingStore } from "@openvibe/store";
import type { Place } from "../log-loss.ts";
import type { PositionForm, Standing } from "./position-form.ts";
import { SharedText } from "./shared-text.ts";

export interface LogPositionOptions<Value extends Place> {
  readonly settings: SettingStore;
  readonly form: PositionForm<Value>;
}

/**
 * How far the log was worked through for one purpose, by all relays together: kept in the store, so that it outlives them, and moved by compare-and-set,
 * so that a slow one does not set it back. Written after the work, so that a relay which dies in between leaves work that is done again, not work undone:
 * it must not mind being done twice. It is a place in one log: who goes on from it asks `isLogLost` first, as the log may have been made anew.
 */
export class LogPosition<Value extends Place = Place> {
  readonly #form: PositionForm<Value>;
  readonly #text: SharedText;
  #beat = 0;

  constructor({ settings, form }: LogPositionOptions<Value>) {
    this.#form = form;
    this.#text = new SharedText(settings, form.key);
  }

  /** What everybody's work has come to, and by whom; the beginning before the first. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async read(): Promise<Standing<Value>> {
    const text = await this.#text.read();
    return (text === undefined ? undefined : this.#form.parse(text)) ?? { value: this.#form.start, by: undefined };
  }

  /** Says that all up to there is done. `false` when somebody else said something meanwhile: read again. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async moveTo(value: Value, by?: string): Promise<boolean> {
    return await this.#text.replace(this.#form.format({ value, by }, ++this.#beat));
  }

  /** For how long this process has seen nobody move it. */
  get stillMs(): number {
    return this.#text.unchangedMs;
  }
}
