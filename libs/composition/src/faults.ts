import { OpenVibeError } from "@openvibe/core";

/** Named places where a promise can be switched off, so that the fault tests can show that their checker notices. */
const NAMES = [
  "answerBeforeInsert",
  "exitAfterInsert",
  "noAttemptCheck",
  "noOwnerCheck",
  "noCauseCheck",
  "noBirthCheck",
  "noDeliveries",
  "ignoreLastEventId",
  "sweepNothing",
] as const;

export type Faults = Readonly<Partial<Record<(typeof NAMES)[number], boolean>>>;

/** Reads `OPENVIBE_TEST_FAULTS` (names separated by commas). @throws OpenVibeError OV_CONFIG_INVALID outside of tests (`NODE_ENV=test`) and for unknown names */
export function parseFaults(env: Readonly<Record<string, string | undefined>>): Faults | undefined {
  const text = env.OPENVIBE_TEST_FAULTS;
  if (text === undefined || text === "") return undefined;
  if (env.NODE_ENV !== "test")
    throw new OpenVibeError("OV_CONFIG_INVALID", "OPENVIBE_TEST_FAULTS switches promises off; it is allowed in tests only (NODE_ENV=test)");
  const names = text.split(",");
  const unknown = names.find((name) => !NAMES.some((known) => known === name));
  if (unknown !== undefined)
    throw new OpenVibeError("OV_CONFIG_INVALID", `OPENVIBE_TEST_FAULTS: ${unknown} is no fault; there are ${NAMES.join(", ")}`);
  return Object.fromEntries(names.map((name) => [name, true]));
}
