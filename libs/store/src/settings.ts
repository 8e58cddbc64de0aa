/** Small values that all processes share, such as the event log's epoch. */
export interface SettingStore {
  get(key: string): Promise<string | undefined>;
  /** Writes only if the value is `expected` (`undefined`: only if there is none). Gives whether it did. */
  replace(key: string, expected: string | undefined, value: string): Promise<boolean>;
}
