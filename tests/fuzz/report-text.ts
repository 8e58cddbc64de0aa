import type { FuzzReport } from "./fuzz.ts";

/** What was thrown and what was found, for people. */
export function toReportText({ seed, attempts, faults }: FuzzReport): string {
  const total = Object.values(attempts).reduce((sum, count) => sum + count, 0);
  const bySurface = Object.entries(attempts).map(([surface, count]) => `${surface} ${count}`);
  return [
    ...faults.map(({ attempt, surface, sent, fault }) => `\n#${attempt} ${surface}\n  sent: ${sent}\n  found: ${fault}`),
    `fuzz: seed ${seed}, ${total} attempts (${bySurface.join(", ")}), ${faults.length} faults`,
    "",
  ].join("\n");
}
