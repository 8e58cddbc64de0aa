import type { SettingStore } from "@openvibe/store";

export const CONTEXT_MARK_KEY = "context_changes.mark";

/** How far the changes of shared context have been told. */
export interface Told {
  /** Where the event log ended when this was so: what was told since lies behind it. */
  readonly log: number;
  /** By bucket, the last revision that was told. */
  readonly buckets: Readonly<Record<string, number>>;
}

interface Mark extends Told {
  /** Which relay is at it; `null` where none is. */
  readonly by: string | null;
  /** Moves as long as that one lives. */
  readonly beat: number;
}

const NOTHING: Mark = { by: null, beat: 0, log: 0, buckets: {} };

/** Kept where all relays see it: how far changes were told, and who tells them. One whose mark stands still is followed by another one. */
export class ContextMark {
  readonly #settings: SettingStore;
  readonly #me: string;
  readonly #takeOverMs: number;
  #text: string | undefined;
  #seenAt = Number.NEGATIVE_INFINITY;
  #beat = 0;

  /** `me` is unique to this process; `takeOverMs` is how long the mark of another may stand still. */
  constructor({ settings, me, takeOverMs }: { readonly settings: SettingStore; readonly me: string; readonly takeOverMs: number }) {
    this.#settings = settings;
    this.#me = me;
    this.#takeOverMs = takeOverMs;
  }

  /** Where to go on, when it is for this process to do so. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async take(): Promise<Told | undefined> {
    const text = await this.#settings.get(CONTEXT_MARK_KEY);
    if (text !== this.#text || this.#seenAt === Number.NEGATIVE_INFINITY) {
      this.#text = text;
      this.#seenAt = performance.now();
    }
    const { by, log, buckets } = parseMark(text);
    const told = { log, buckets };
    if (by === this.#me) return told;
    const isFree = by === null || performance.now() - this.#seenAt >= this.#takeOverMs;
    return isFree && (await this.save(told)) ? told : undefined;
  }

  /** `false` when another process has taken over. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async save(told: Told): Promise<boolean> {
    return await this.#write({ by: this.#me, beat: ++this.#beat, ...told });
  }

  /** Another one may go on at once. */
  async leave(told: Told): Promise<void> {
    await this.#write({ by: null, beat: 0, ...told });
  }

  async #write(mark: Mark): Promise<boolean> {
    const text = JSON.stringify(mark);
    if (!(await this.#settings.replace(CONTEXT_MARK_KEY, this.#text, text))) return false;
    this.#text = text;
    this.#seenAt = performance.now();
    return true;
  }
}

function parseMark(text: string | undefined): Mark {
  return text === undefined ? NOTHING : (JSON.parse(text) as Mark);
}
