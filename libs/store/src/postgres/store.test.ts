import { newToken, silentLogger } from "@openvibe/core";
import { Client } from "pg";
import { expect, inject } from "vitest";
import { type StoreUnderTest, storeContract } from "../contract/index.ts";
import { listedWrongly } from "../contract/listed-wrongly.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./store.ts";

const url = inject("postgresUrl");

/** A store in a schema of its own, with a connection beside it that moves its times. */
class PostgresUnderTest implements StoreUnderTest {
  readonly store: Store;
  readonly schema: string;
  readonly #client: Client;
  readonly #beats: AsyncDisposable[] = [];
  #closed = false;

  private constructor(store: Store, schema: string, client: Client) {
    this.store = store;
    this.schema = schema;
    this.#client = client;
  }

  static async open(schema = `test_${newToken()}`): Promise<PostgresUnderTest> {
    const client = new Client({ connectionString: url });
    await client.connect();
    return new PostgresUnderTest(await openPostgresStore({ url, schema, poolSize: 5 }), schema, client);
  }

  async advance(ms: number) {
    for (const table of [
      "runs",
      "manifests",
      "event_data",
      "subscriptions",
      "deliveries",
      "attempts",
      "kept_events",
      "event_waits",
      "outside_events",
      "held_events",
    ]) {
      const { rows } = await this.#client.query(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 AND data_type = 'bigint' AND is_generated = 'NEVER' AND column_name NOT IN ('from_position', 'place') AND column_name NOT LIKE '%\\_ms'",
        [this.schema, table],
      );
      const columns = rows.map(({ column_name }) => `${column_name} = ${column_name} - ${ms}`).join(", ");
      await this.#client.query(`UPDATE "${this.schema}".${table} SET ${columns}`);
    }
  }

  async versions(operatorId: string) {
    const text = `SELECT version FROM "${this.schema}".manifests WHERE operator_id = $1 ORDER BY version`;
    return (await this.#client.query(text, [operatorId])).rows.map(({ version }) => version);
  }

  async charactersOf(runId: string) {
    const { rows } = await this.#client.query(`SELECT length(runs::text) AS characters FROM "${this.schema}".runs WHERE run_id = $1`, [
      runId,
    ]);
    return Number(rows[0].characters);
  }

  async live(owner: string) {
    this.#beats.push(await this.store.workers.beat({ owner, logger: silentLogger }));
    await this.#client.query(`UPDATE "${this.schema}".workers SET steady_since = steady_since - 10000 WHERE owner = $1`, [owner]);
  }

  async die(owner: string) {
    const long = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 4001";
    await this.#client.query(`INSERT INTO "${this.schema}".workers VALUES ($1, ${long}, ${long})`, [owner]);
  }

  async [Symbol.asyncDispose]() {
    for (const beat of this.#beats) await beat[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
    if (this.#closed) return;
    this.#closed = true;
    const { rows } = await this.#client.query(listedWrongly(`"${this.schema}".runs`));
    await this.#client.end();
    expect(rows, "runs whose listed_as or expires_at does not follow from their other columns").toEqual([]);
  }
}

storeContract({
  name: "postgres",
  features: { shared: true, durable: true },
  open: () => PostgresUnderTest.open(),
  openSecond: (first) => PostgresUnderTest.open((first as PostgresUnderTest).schema),
});
