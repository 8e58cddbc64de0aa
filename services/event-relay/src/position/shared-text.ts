import type { SettingStore } from "@openvibe/store";

/** One value of the store that several processes write: who has not read what stands there cannot write over it. */
export class SharedText {
  readonly #settings: SettingStore;
  readonly #key: string;
  #text: string | undefined;
  #seenAt: number | undefined;

  constructor(settings: SettingStore, key: string) {
    this.#settings = settings;
    this.#key = key;
  }

  /** @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async read(): Promise<string | undefined> {
    const text = await this.#settings.get(this.#key);
    if (text !== this.#text || this.#seenAt === undefined) this.#note(text);
    return text;
  }

  /** `false` when somebody else wrote since it was read: read again. What stands there already is not written again. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async replace(text: string): Promise<boolean> {
    if (text !== this.#text && !(await this.#settings.replace(this.#key, this.#text, text))) return false;
    this.#note(text);
    return true;
  }

  /** For how long this process has seen, or written, the same. */
  get unchangedMs(): number {
    return this.#seenAt === undefined ? 0 : performance.now() - this.#seenAt;
  }

  #note(text: string | undefined): void {
    this.#text = text;
    this.#seenAt = performance.now();
  }
}
