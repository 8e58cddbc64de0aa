import { parseArgs } from "node:util";
import type { Lengths } from "./measure.ts";
import type { SystemName } from "./targets.ts";

export interface Options {
  readonly rounds: number;
  readonly only: readonly SystemName[];
  readonly lengths: Lengths;
  /** What work costs with many runs in the store; the only thing that is measured when no system is named beside it. */
  readonly growth: boolean;
  /** Profiles instead of measuring. */
  readonly profile: boolean;
  /** Measures only what importing costs. */
  readonly imports: boolean;
}

const USAGE = `pnpm bench [--quick] [--rounds n] [--only handwritten,floor,a,b,growth] [--profile | --imports]
  --quick     one short round, to try it out: its figures mean little
  growth      what a store's work costs with 100,000 runs in it, against 1,000; only when named
  --profile   where the CPU goes at 100 in flight, process by process, instead of the table
  --imports   only what \`import "openvibe"\` and the start of the command cost
`;

const NAMES: Readonly<Record<string, SystemName>> = {
  handwritten: "handwritten",
  floor: "floor",
  a: "embedded",
  embedded: "embedded",
  b: "mesh",
  mesh: "mesh",
};

const GROWTH = "growth";

/** 3,000 runs until V8 has optimized a server's code: a server that runs for days is measured, not its first seconds; those are the cold start. */
const FULL: Lengths = { warmUpRuns: 3_000, singleRuns: 300, singleSlowRuns: 15, seconds: 2.5 };
const QUICK: Lengths = { warmUpRuns: 100, singleRuns: 100, singleSlowRuns: 5, seconds: 0.8 };

/** @throws Error naming what is wrong, and what is allowed */
export function parseOptions(args: readonly string[]): Options {
  try {
    return readOptions(args);
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\n\n${USAGE}`, { cause });
  }
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: args.filter((argument) => argument !== "--"), // pnpm hands it on
    options: {
      quick: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      imports: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string" },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 20) throw new Error(`--rounds ${values.rounds}: a whole number from 1 to 20`);
  const named = (values.only ?? (values.profile ? "a,b" : "handwritten,floor,a,b")).split(",").map((name) => name.trim());
  const only = named
    .filter((name) => name !== GROWTH)
    .map((name) => {
      const known = NAMES[name];
      if (known === undefined)
        throw new Error(`--only: there is no system ${JSON.stringify(name)}; there are ${Object.keys(NAMES).join(", ")}, ${GROWTH}`);
      return known;
    });
  return {
    rounds,
    only,
    lengths: values.quick ? QUICK : FULL,
    growth: named.includes(GROWTH),
    profile: values.profile,
    imports: values.imports,
  };
}
