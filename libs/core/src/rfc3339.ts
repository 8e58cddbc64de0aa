const FORM = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i;

/**
 * Milliseconds since 1970 of a time as RFC 3339 writes it, with its offset (`2026-11-22T10:30:00Z`, `2026-11-22T11:30:00.5+01:00`); what is finer than
 * a millisecond is dropped. `undefined` when it is none: `Date.parse` would take 30 February for 2 March.
 */
export function parseRfc3339(text: string): number | undefined {
  const parts = FORM.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0] = parts.slice(1).map(Number);
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth || hour > 23) return undefined;
  const ms = Date.parse(text.toUpperCase());
  return Number.isNaN(ms) ? undefined : ms;
}
