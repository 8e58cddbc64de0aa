/** Buckets of shared context; the full name everywhere. */
export const CONTEXT_BUCKET_PATTERN = "^context-[a-z0-9][a-z0-9_-]{0,54}$";

/** Which changes of shared context start a workflow. */
export interface ContextTrigger {
  readonly bucket: string;
  /** A key, in which `*` stands for any characters, dots as well, or none. */
  readonly pattern: string;
}

const FORM = new RegExp(`^context:(${CONTEXT_BUCKET_PATTERN.slice(1, -1)})\\.([A-Za-z0-9_=*-]+(?:\\.[A-Za-z0-9_=*-]+)*)$`);

/** Reads `context:<bucket>.<pattern>`; `undefined` for what is no such trigger. */
export function findContextTrigger(on: string): ContextTrigger | undefined {
  const [, bucket, pattern] = FORM.exec(on) ?? [];
  return bucket === undefined || pattern === undefined ? undefined : { bucket, pattern };
}

/** Without a regular expression: what stands in a pattern must not decide how long a look takes. */
export function matchesKey(pattern: string, key: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return key === pattern;
  if (!key.startsWith(first) || !key.endsWith(last) || key.length < first.length + last.length) return false;
  let at = first.length;
  const end = key.length - last.length;
  for (const part of rest) {
    const found = key.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
