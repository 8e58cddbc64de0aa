import { messageOf } from "@openvibe/core";
import { TRIM } from "./event-log-scripts.ts";
import type { Link } from "./link.ts";

const DAY_MS = 86_400_000;
/** As long as on every bus. */
export const KEEP_EVENTS_MS = 7 * DAY_MS;
const KEEP_LETTERS_MS = 90 * DAY_MS;
const PURGE_EVERY_MS = 600_000;
/** Entries that one call looks at: the server does nothing else meanwhile. */
const MAX_ENTRIES = 1_000;
const NEXT_MS = 20;

/** Drops what is too old, now and every ten minutes until the bus closes. Every process does: whoever comes second finds nothing to drop. */
export function keepTidy(link: Link): void {
  let timer: NodeJS.Timeout | undefined;
  const later = (more: boolean) => {
    if (!link.closed) timer = setTimeout(purge, more ? NEXT_MS : PURGE_EVERY_MS).unref();
  };
  const purge = () => {
    purgeSome(link).then(later, (error: unknown) => {
      link.logger.debug({ error: messageOf(error) }, "what is too old on the bus cannot be dropped");
      later(false);
    });
  };
  purge();
  link.closing.addEventListener("abort", () => clearTimeout(timer), { once: true });
}

/** Gives whether there is more. */
async function purgeSome(link: Link): Promise<boolean> {
  const more = await link.run(TRIM, [link.keys.events], [KEEP_EVENTS_MS, MAX_ENTRIES]);
  // By this machine's clock: for letters of 90 days that is exact enough.
  await link.call("XTRIM", link.keys.deadLetters, "MINID", "~", String(Date.now() - KEEP_LETTERS_MS));
  return more === 1;
}
