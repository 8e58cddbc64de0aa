import type { Config } from "@openvibe/composition";
import { type Finding, failFinding, messageOf, type OperatorManifest } from "@openvibe/core";
import { judgePostgres } from "./postgres.ts";
import { examineSqlite } from "./sqlite.ts";

/** The store that is chosen, and the operators it knows. Changes nothing in it. */
export async function examineStore(
  store: Config["store"],
): Promise<{ findings: readonly Finding[]; manifests: readonly OperatorManifest[] }> {
  if (store.kind === "sqlite") return examineSqlite(store.path);
  const { inspectPostgres } = await import("@openvibe/store/postgres");
  try {
    const facts = await inspectPostgres(store);
    return { findings: judgePostgres(facts), manifests: facts.manifests };
  } catch (error) {
    const advice = {
      why: "nothing starts without the store",
      todo: "check DATABASE_URL, that Postgres runs, and that this user may connect",
    };
    return { findings: [failFinding("store.connection", messageOf(error), advice)], manifests: [] };
  }
}
