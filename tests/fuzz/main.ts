/** `pnpm fuzz`: as `fuzz.test.ts` does it in a minute, for as long as you like. */
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { toReportText } from "./report-text.ts";

const HELP = `pnpm fuzz [--count 20000] [--seconds 600] [--seed <number>]

Throws random bytes and nearly right values at every route, subject and file format of a server of its own.
The seed is printed; the same seed throws the same things. Exit code 1 when something was found.
`;

const { values } = parseArgs({
  options: { count: { type: "string" }, seconds: { type: "string" }, seed: { type: "string" }, help: { type: "boolean" } },
});

function numberOf(name: "count" | "seconds" | "seed", fallback: number): number {
  const text = values[name];
  const number = text === undefined ? fallback : Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  process.stderr.write(`--${name} must be a whole number above 0\n`);
  process.exit(2);
}

if (values.help === true) {
  process.stdout.write(HELP);
} else {
  const seed = numberOf("seed", (Date.now() % 1_000_000) + 1);
  const options = { seed, count: numberOf("count", 20_000), seconds: numberOf("seconds", 600) };
  process.stdout.write(`fuzz: seed ${seed}\n`);
  const report = await fuzz(options);
  process.stdout.write(toReportText(report));
  process.exitCode = report.faults.length > 0 ? 1 : 0;
}
