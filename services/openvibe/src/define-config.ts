import type { ConfigFile } from "@openvibe/composition/settings"; // by itself: an author's compiler shall read no server's types

export type { ConfigFile };

/**
 * Types a configuration file: its names and values are checked by the editor.
 * @example
 * // openvibe.config.ts
 * export default defineConfig({ operators: "operators/*.ts", port: 8080 });
 */
export function defineConfig(config: ConfigFile): ConfigFile {
  return config;
}
