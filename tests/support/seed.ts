/** What chance begins with: another each time, the same again where `OPENVIBE_TEST_SEED` says so. */
const VARIABLE = "OPENVIBE_TEST_SEED";
const HIGHEST = 1_000_000;

/** @throws Error naming the variable and what it may be */
export function seedOf(env: Readonly<Record<string, string | undefined>> = process.env): number {
  const given = env[VARIABLE];
  if (given === undefined) return (Date.now() % HIGHEST) + 1;
  const seed = Number(given);
  if (Number.isSafeInteger(seed) && seed > 0 && seed <= HIGHEST) return seed;
  throw new Error(`${VARIABLE} is ${JSON.stringify(given)}; allowed is a whole number from 1 to ${HIGHEST}`);
}

/** Does something by chance. However it fails, the failure says how to have it again. */
export async function bySeed<T>(seed: number, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\nrepeat it with ${VARIABLE}=${seed}`, { cause });
  }
}
