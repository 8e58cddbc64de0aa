import type { SettingStore } from "@openvibe/store";
import { NO_DIGEST } from "../cursor.ts";
import type { Place } from "../log-loss.ts";

export const POSITION_KEY = "event_reactions.position";
/** Stands where nobody is at work. */
const NOBODY = "-";
const FORM = /^(\d{1,15})\.(-|[A-Za-z0-9_-]{8}) (\S+)$/;

/**
 * How far the log has been reacted to, and which relay is at it. Whoever is at work is left alone as long as the position moves: the others take over
 * when it stands still although the log has more. Two may be at it for a moment, which costs work and nothing else: every reaction may be repeated.
 */
export class SharedPosition {
  readonly #settings: SettingStore;
  readonly #me: string;
  readonly #takeOverMs: number;
  #text: string | undefined;
  #seenAt = Number.NEGATIVE_INFINITY;

  /** `me` is unique to this process; `takeOverMs` is how long the position of another may stand still. */
  constructor({ settings, me, takeOverMs }: { readonly settings: SettingStore; readonly me: string; readonly takeOverMs: number }) {
    this.#settings = settings;
    this.#me = me;
    this.#takeOverMs = takeOverMs;
  }

  /** Where to go on, when it is for this process to go on. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async take(logEnd: number): Promise<Place | undefined> {
    const text = await this.#settings.get(POSITION_KEY);
    const found = FORM.exec(text ?? "");
    const place = { position: Number(found?.[1] ?? 0), digest: found?.[2] ?? NO_DIGEST };
    const by = found?.[3] ?? NOBODY;
    if (text !== this.#text) {
      this.#text = text;
      this.#seenAt = performance.now();
    }
    if (by === this.#me) return place;
    const standsStill = place.position < logEnd && performance.now() - this.#seenAt >= this.#takeOverMs;
    return (by === NOBODY || standsStill) && (await this.save(place)) ? place : undefined;
  }

  /** `false` when another process has taken over. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async save(place: Place): Promise<boolean> {
    return await this.#write(place, this.#me);
  }

  /** Another one may go on at once. */
  async leave(place: Place): Promise<void> {
    await this.#write(place, NOBODY);
  }

  async #write({ position, digest }: Place, by: string): Promise<boolean> {
    const text = `${position}.${digest} ${by}`;
    if (text !== this.#text && !(await this.#settings.replace(POSITION_KEY, this.#text, text))) return false;
    this.#text = text;
    this.#seenAt = performance.now();
    return true;
  }
}
