import { expect, test } from "vitest";
import { readNatsInfo } from "./nats-probe.ts";
import { readPostgresVersion } from "./postgres-database.ts";
import { readRedisInfo } from "./redis-probe.ts";
import setup from "./vitest-setup.ts";

test("the setup provides a NATS, a Postgres and a Redis that answer until its teardown", { timeout: 300_000 }, async () => {
  const provided: Record<string, unknown> = {};

  const teardown = await setup({ provide: (key, value) => void Object.assign(provided, { [key]: value }) });
  const natsUrl = String(provided.natsUrl);
  const postgresUrl = String(provided.postgresUrl);

  await expect(readNatsInfo(natsUrl)).resolves.toHaveProperty("version");
  await expect(readPostgresVersion(postgresUrl)).resolves.toMatch(/^\d+/);
  await expect(readRedisInfo(String(provided.redisUrl))).resolves.toHaveProperty("version");
  await teardown();
  if (!process.env.OPENVIBE_TEST_NATS_URL) await expect(readNatsInfo(natsUrl)).rejects.toThrow("ECONNREFUSED");
});
