import { parseArgs } from "node:util";

export interface SoakOptions {
  readonly minutes: number;
  readonly perSecond: number;
  readonly only: readonly SoakName[];
}

export type SoakName = "embedded" | "mesh";

const USAGE = `pnpm soak [--minutes 10] [--per-second 20] [--only embedded,mesh]
  steady load on both forms at once; fails when memory, files or handles of a process still grow after warm-up
`;

/** @throws Error naming what is wrong, and what is allowed */
export function parseSoakOptions(args: readonly string[]): SoakOptions {
  try {
    const { values } = parseArgs({
      args: args.filter((argument) => argument !== "--"), // pnpm hands it on
      options: { minutes: { type: "string" }, "per-second": { type: "string" }, only: { type: "string" } },
    });
    const only = (values.only ?? "embedded,mesh").split(",").map((name) => {
      if (name === "embedded" || name === "mesh") return name;
      throw new Error(`--only: there is no ${JSON.stringify(name)}; there are embedded, mesh`);
    });
    return {
      minutes: number("--minutes", values.minutes ?? "10", 2, 600),
      perSecond: number("--per-second", values["per-second"] ?? "20", 1, 500),
      only,
    };
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\n\n${USAGE}`, { cause });
  }
}

function number(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= least && value <= most) return value;
  throw new Error(`${flag} ${text}: a number from ${least} to ${most}`);
}
