import type { EventLog } from "@openvibe/bus";
import type { SettingStore } from "@openvibe/store";
import { NO_DIGEST } from "./cursor.ts";
import { isLogLost, type Place, placeAt } from "./log-loss.ts";

const FORM = /^(0|[1-9]\d{0,15})\.(-|[A-Za-z0-9_-]{8})$/;
const START: Place = { position: 0, digest: NO_DIGEST };

/**
 * How far the log was worked through for one purpose, by all relays together: kept in the store, so that it outlives them, and raised by compare-and-set,
 * so that a slow one does not set it back. Work between two positions may be done more than once; it must not mind.
 */
export class LogPosition {
  readonly #deps: { readonly log: EventLog; readonly settings: SettingStore };
  readonly #key: string;
  #text: string | undefined;
  #place = START;

  constructor(deps: { readonly log: EventLog; readonly settings: SettingStore }, purpose: string) {
    this.#deps = deps;
    this.#key = `event_log.position.${purpose}`;
  }

  /** The position everybody's work has come to; 0 before the first. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async read(): Promise<number> {
    this.#text = await this.#deps.settings.get(this.#key);
    const [, position, digest] = FORM.exec(this.#text ?? "") ?? [];
    this.#place = position === undefined || digest === undefined ? START : { position: Number(position), digest };
    return this.#place.position;
  }

  /** Whether the log is not the one that was read, or ends before `seen`. Takes its time to say yes. @throws OpenVibeError OV_BUS_UNAVAILABLE */
  async isLost(seen: number, signal: AbortSignal): Promise<boolean> {
    const { log } = this.#deps;
    if (await isLogLost(log, this.#place, signal)) return true;
    return seen > this.#place.position && (await isLogLost(log, { position: seen, digest: NO_DIGEST }, signal));
  }

  /** Says that all up to there is done. `false` when somebody else said something meanwhile: read again. */
  async moveTo(position: number): Promise<boolean> {
    if (position === this.#place.position) return true;
    const place = await placeAt(this.#deps.log, position);
    const text = `${place.position}.${place.digest}`;
    if (!(await this.#deps.settings.replace(this.#key, this.#text, text))) return false;
    this.#text = text;
    this.#place = place;
    return true;
  }
}
