import { type Config, loadConfig, type Overrides, toDefaults } from "@openvibe/composition";
import { configuredDefaults } from "./configure.ts";

/** The configuration of this process, with what its program said by `configure` behind all else. @throws OpenVibeError OV_CONFIG_INVALID */
export async function loadConfigured(overrides: Overrides = {}): Promise<Config> {
  const said = configuredDefaults();
  return await loadConfig(process.env, overrides, said === undefined ? {} : { defaults: toDefaults(said) });
}
