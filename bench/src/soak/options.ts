import { parseArgs } from "node:util";

export interface SoakOptions {
  readonly minutes: number;
  readonly perSecond: number;
  readonly only: readonly SoakName[];
  /** Instead of both forms: two thousand clients of one relay. */
  readonly streams: boolean;
}

export type SoakName = "embedded" | "mesh";

const USAGE = `pnpm soak [--minutes 10] [--per-second 20] [--only embedded,mesh]
  steady load on both forms at once; fails when memory, files or handles of a process still grow after warm-up

pnpm soak --streams [--minutes 3] [--per-second 20]
  2,000 idle and 200 busy clients of one relay, then one more that reads nothing; fails when the relay's memory grows, or the others hear later
`;

/** @throws Error naming what is wrong, and what is allowed */
export function parseSoakOptions(args: readonly string[]): SoakOptions {
  try {
    const { values } = parseArgs({
      args: args.filter((argument) => argument !== "--"), // pnpm hands it on
      options: {
        minutes: { type: "string" },
        "per-second": { type: "string" },
        only: { type: "string" },
        streams: { type: "boolean", default: false },
      },
    });
    const { streams } = values;
    if (streams && values.only !== undefined) throw new Error("--streams has one form only: --only says nothing");
    const only = (values.only ?? "embedded,mesh").split(",").map((name) => {
      if (name === "embedded" || name === "mesh") return name;
      throw new Error(`--only: there is no ${JSON.stringify(name)}; there are embedded, mesh`);
    });
    return {
      minutes: number("--minutes", values.minutes ?? (streams ? "3" : "10"), streams ? 1 : 2, 600),
      perSecond: number("--per-second", values["per-second"] ?? "20", 1, 500),
      only,
      streams,
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
