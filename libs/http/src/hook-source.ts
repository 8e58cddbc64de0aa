/** How senders of webhooks sign them, by the name of who does it so. */
export const HOOK_PRESETS = {
  hubspot: "hubspot",
  slack: "slack",
  github: "github",
  stripe: "stripe",
  standard: "standard",
  hmac: "hmac",
  token: "token",
} as const;
export type HookPreset = (typeof HOOK_PRESETS)[keyof typeof HOOK_PRESETS];

/** Whose webhooks are taken, and what they are signed with. */
export interface HookSource {
  readonly preset: HookPreset;
  readonly secret: string;
}

export interface HookSettings {
  readonly sources: Readonly<Record<string, HookSource>>;
  /** Whether a source without a secret may send all the same: where nobody needs a key either. */
  readonly unsigned: boolean;
  /** The address by which others reach the server, where it is another than they say. */
  readonly publicUrl?: string;
}

const SOURCE = /^[a-z0-9][a-z0-9-]{0,61}$/;

/** A source has no underscore: the first one in `webhook:<source>_<name>` ends it. */
export function isHookSource(text: string): boolean {
  return SOURCE.test(text);
}
