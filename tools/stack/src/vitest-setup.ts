import type { TestProject } from "vitest/node";
import { startNats } from "./start-nats.ts";
import { startPostgres } from "./start-postgres.ts";
import { startRedis } from "./start-redis.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The run's nats-server, shared by all test files: use fresh names, never stop it. */
    natsUrl: string;
    /** The run's Postgres, shared by all test files: `createDatabase(inject("postgresUrl"))` gives a database of one's own. */
    postgresUrl: string;
    /** The run's Redis, shared by all test files: use fresh names, never stop it. */
    redisUrl: string;
  }
}

/**
 * For `test.globalSetup` of the root config: one nats-server, one Postgres and one Redis for the whole run, which every project's
 * tests reach by `inject("natsUrl")`, `inject("postgresUrl")` and `inject("redisUrl")`.
 */
export default async function setup(project: Pick<TestProject, "provide">): Promise<() => Promise<void>> {
  const notify = (line: string) => process.stderr.write(`${line}\n`);
  const started = await Promise.allSettled([startNats({ notify }), startPostgres({ notify }), startRedis({ notify })]);
  const teardown = async () => {
    await Promise.all(started.map(async (outcome) => (outcome.status === "fulfilled" ? outcome.value[Symbol.asyncDispose]() : undefined)));
  };
  const [nats, postgres, redis] = started;
  if (nats.status === "rejected" || postgres.status === "rejected" || redis.status === "rejected") {
    await teardown();
    const reasons = started.flatMap((outcome) => (outcome.status === "rejected" ? [toText(outcome.reason)] : []));
    const error = new Error(reasons.join("; "));
    error.stack = `Error: ${error.message}`; // the frames would only show this file, in forty lines
    throw error;
  }
  project.provide("natsUrl", nats.value.url);
  project.provide("postgresUrl", postgres.value.url);
  project.provide("redisUrl", redis.value.url);
  return teardown;
}

function toText(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
