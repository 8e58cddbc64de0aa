/** What one check of a doctor found. `fail` is a fault: something will not work, or a promise is not kept. */
export interface Finding {
  /** Which check, such as `broker.version`; stays the same between versions. */
  readonly check: string;
  readonly level: "ok" | "warn" | "fail";
  readonly what: string;
  /** Why it matters, and what to do; not where all is well. Hold no secrets. */
  readonly why?: string;
  readonly todo?: string;
}

export function okFinding(check: string, what: string): Finding {
  return { check, level: "ok", what };
}

export function warnFinding(check: string, what: string, advice: { readonly why: string; readonly todo: string }): Finding {
  return { check, level: "warn", what, ...advice };
}

export function failFinding(check: string, what: string, advice: { readonly why: string; readonly todo: string }): Finding {
  return { check, level: "fail", what, ...advice };
}
