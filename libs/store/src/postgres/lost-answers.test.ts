import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { newToken, silentLogger } from "@openvibe/core";
import { Client } from "pg";
import { describe, expect, inject, test } from "vitest";
import { A_RECORD, aCancel, aClaimedRun, aNewRun, anEvent, aWaitingRun, aWake, aWrite, ME } from "../contract/examples.ts";
import { openPostgresStore } from "./store.ts";
import type { Timeouts } from "./timeouts.ts";

const url = inject("postgresUrl");

/** A wire to Postgres that a test can cut. */
class Wire implements AsyncDisposable {
  readonly #server = createServer((near) => this.#join(near));
  readonly #sockets = new Set<Socket>();
  #answersToLose = 0;
  #how: "whole" | "cut" | "silent" = "whole";
  lost = 0;

  static async open(): Promise<Wire> {
    const wire = new Wire();
    wire.#server.listen(0, "127.0.0.1");
    await once(wire.#server, "listening");
    return wire;
  }

  get url(): string {
    const through = new URL(url);
    through.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return through.href;
  }

  /** What is asked next takes effect, and its answer does not arrive: the connection ends instead. */
  loseAnswers(count: number): void {
    this.#answersToLose = count;
  }

  /** `cut`: connections end and none stands; `silent`: nothing comes through, and nobody says so. */
  become(how: "whole" | "cut" | "silent"): void {
    this.#how = how;
    if (how === "cut") for (const socket of this.#sockets) socket.destroy();
  }

  #join(near: Socket): void {
    if (this.#how === "cut") return void near.destroy();
    const { hostname, port } = new URL(url);
    const far = connect(Number(port), hostname);
    let answersSeen = 0;
    const end = () => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket
        .on("error", end)
        .on("close", end)
        .on("close", () => this.#sockets.delete(socket));
    }
    near.on("data", (chunk) => this.#how !== "silent" && far.write(chunk));
    far.on("data", (chunk) => {
      if (this.#how === "silent") return;
      // The first answers are the connection's own: greeting and session settings.
      if (++answersSeen > 2 && this.#answersToLose > 0) {
        this.#answersToLose--;
        this.lost++;
        return end();
      }
      near.write(chunk);
    });
  }

  async [Symbol.asyncDispose]() {
    this.become("cut");
    this.#server.close();
    await once(this.#server, "close");
  }
}

async function openThrough(wire: Wire, timeouts: Timeouts = {}) {
  return openPostgresStore({ url: wire.url, schema: `test_${newToken()}`, poolSize: 1, timeouts });
}

describe("an answer that is lost on the way", () => {
  test("is found by asking again: nothing happens twice, and who has won knows it", async () => {
    await using wire = await Wire.open();
    await using store = await openThrough(wire);
    const { runs, settings, history } = store;
    const losing = <T>(call: () => Promise<T>): Promise<T> => {
      wire.loseAnswers(1);
      return call();
    };

    const inserted = await losing(() => runs.insert(aNewRun({ origin: "cron:a:1" })));
    const { runId } = inserted.run;
    expect(inserted.inserted).toBe(true);

    const { claimed } = await losing(() => runs.claim({ runId, wake: 0, owner: ME }));
    if (claimed === undefined) throw new Error("the claim was refused");
    expect(claimed).toMatchObject({ run: { status: "running" }, silentClaims: 0 });

    expect(await losing(() => runs.write(aWrite(claimed, { history: [A_RECORD] })))).toBe("committed");
    expect((await history.of(runId)).records).toEqual([A_RECORD]);
    const park = aWrite(claimed, { step: 2, status: "waiting", outbox: { from: 0, events: [] } });
    expect(await losing(() => runs.write(park))).toBe("committed");
    expect(await losing(() => runs.wake(aWake(runId)))).toBe(true);
    expect((await runs.findOutbox(runId))?.outbox.events).toHaveLength(1);

    expect(await losing(() => runs.cancel(aCancel(runId)))).toMatchObject({
      did: "cancelled",
      outbox: { events: [{}, { type: "run.cancelled" }] },
    });
    const later = { ...aCancel(runId), event: anEvent("run.cancelled_by_another") };
    expect(await losing(() => runs.cancel(later))).toMatchObject({ did: "already_final" });

    const released = await aClaimedRun(store);
    const release = { runId: released.run.runId, attempt: 1, owner: ME };
    expect(await losing(() => runs.release(release))).toBe(true);
    expect(await losing(() => runs.release(release))).toBe(true); // asked again, so it may have been this very call
    expect(await runs.release(release)).toBe(false);

    const finished = await aClaimedRun(store);
    expect(await losing(() => runs.write(aWrite(finished, { status: "completed" })))).toBe("committed");
    expect(await losing(() => settings.replace("epoch", undefined, "1"))).toBe(true);
    expect(await losing(() => settings.replace("epoch", "1", "2"))).toBe(true);
    expect(await losing(() => settings.replace("epoch", "1", "3"))).toBe(false);
    expect(wire.lost).toBe(13);
  });

  test("of a whole group harms none of it", async () => {
    await using wire = await Wire.open();
    await using store = await openThrough(wire);
    const claimed = await Promise.all(Array.from({ length: 50 }, () => aClaimedRun(store)));

    wire.loseAnswers(3);
    const verdicts = await Promise.all(claimed.map((run) => store.runs.write(aWrite(run, { status: "completed" }))));

    expect(new Set(verdicts)).toEqual(new Set(["committed"]));
    expect(wire.lost).toBe(3);
  });
});

describe("a Postgres that cannot be reached", () => {
  test("for a while delays calls and fails none", async () => {
    await using wire = await Wire.open();
    await using store = await openThrough(wire);
    const claimed = await Promise.all(Array.from({ length: 20 }, () => aClaimedRun(store)));
    wire.become("cut");

    const calls = Promise.all([
      ...claimed.map((run) => store.runs.write(aWrite(run))),
      store.runs.insert(aNewRun()),
      store.runs.find("run_unknown"),
      store.settings.replace("a", undefined, "b"),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 500)); // nothing answers in this time
    wire.become("whole");

    expect((await calls).slice(0, 20)).toEqual(claimed.map(() => "committed"));
  });

  test.each(["cut", "silent"] as const)("(%s) for longer than the deadline is said, and closing does not hang", async (how) => {
    await using wire = await Wire.open();
    const timeouts = { connectMs: 200, statementMs: 200, callerMs: 300, ownerMs: 600 };
    const store = await openThrough(wire, timeouts);
    const claimed = await aClaimedRun(store);
    const waiting = await aWaitingRun(store);
    wire.become(how);

    const begun = performance.now();
    const calls = [
      store.runs.insert(aNewRun()),
      store.runs.write(aWrite(claimed)),
      store.runs.wake(aWake(waiting.run.runId)),
      store.runs.find("run_a"),
      store.ping(200),
    ];
    for (const call of await Promise.allSettled(calls))
      expect(call).toMatchObject({ status: "rejected", reason: { code: "OV_STORE_UNAVAILABLE" } });
    await store[Symbol.asyncDispose]();

    expect(performance.now() - begun).toBeLessThan(8_000);
  });

  test("does not keep a store from closing, not even while a ping is unanswered", async () => {
    await using wire = await Wire.open();
    const store = await openThrough(wire);
    wire.become("silent");
    await expect(store.ping(100)).rejects.toMatchObject({ code: "OV_STORE_UNAVAILABLE" });

    const begun = performance.now();
    await store[Symbol.asyncDispose]();

    expect(performance.now() - begun).toBeLessThan(6_000);
  });

  test("does not keep a store from closing while calls are under way, which are told so", async () => {
    await using wire = await Wire.open();
    const store = await openThrough(wire);
    wire.become("silent");
    const calls = [store.runs.insert(aNewRun()), store.runs.find("run_a"), store.runs.find("run_b"), store.settings.get("a")];
    const told = Promise.allSettled(calls);

    const begun = performance.now();
    await store[Symbol.asyncDispose]();

    for (const call of await told) expect(call).toMatchObject({ status: "rejected", reason: { code: "OV_STORE_UNAVAILABLE" } });
    expect(performance.now() - begun).toBeLessThan(4_500); // a connection that is opened would wait for 5 s, a statement for 10 s
  });

  test("does not keep a beat from ending", async () => {
    await using wire = await Wire.open();
    await using store = await openThrough(wire);
    const beat = await store.workers.beat({ owner: ME, logger: silentLogger });
    wire.become("silent");

    const begun = performance.now();
    await beat[Symbol.asyncDispose]();

    expect(performance.now() - begun).toBeLessThan(6_000);
    wire.become("cut");
  });
});

describe("Postgres ending every connection", () => {
  test("while nothing is asked does not end the process, and the next call finds a new one", async () => {
    const name = `idle_${newToken()}`;
    await using store = await openPostgresStore({ url: `${url}?application_name=${name}`, schema: `test_${newToken()}` });
    const other = new Client({ connectionString: url });
    await other.connect();
    const running = async () => (await other.query("SELECT 1 FROM pg_stat_activity WHERE application_name = $1", [name])).rowCount;
    expect(await running()).toBeGreaterThan(0);

    await other.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [name]);
    await expect.poll(running).toBe(0);

    expect((await store.runs.insert(aNewRun())).inserted).toBe(true);
    await other.end();
  });

  const RUNS = 500;
  const STEPS = 30;

  test(`in the middle of ${RUNS} concurrent runs loses nothing, and no call fails`, async () => {
    const name = `torn_${newToken()}`;
    await using store = await openPostgresStore({ url: `${url}?application_name=${name}`, schema: `test_${newToken()}` });
    const { runs } = store;
    const other = new Client({ connectionString: url });
    await other.connect();
    let ended = 0;
    let done = 0;
    const oneRun = async (n: number) => {
      const { run } = await runs.insert(aNewRun({ origin: `cron:x:${n}`, tags: {} }));
      const { claimed } = await runs.claim({ runId: run.runId, wake: 0, owner: ME });
      if (claimed === undefined) throw new Error(`claim of run ${n} was refused`);
      for (let step = 1; step < STEPS; step++) expect(await runs.write(aWrite(claimed, { step, state: { step } }))).toBe("committed");
      expect(await runs.write(aWrite(claimed, { step: STEPS, status: "completed", output: { n } }))).toBe("committed");
      await runs.markSent({ runId: run.runId, sequence: 1 });
      done++;
      return run.runId;
    };

    const working = Promise.all(Array.from({ length: RUNS }, (_, n) => oneRun(n)));
    // Often enough to strike most of the work, seldom enough for a connection to be made in between.
    while (done < RUNS && ended < 200) {
      const { rowCount } = await other.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [name]);
      ended += rowCount ?? 0;
      await Promise.race([new Promise((resolve) => setTimeout(resolve, 40)), working]);
    }
    const ids = await working;
    await other.end();

    expect(ended).toBeGreaterThan(10);
    const kept = await runs.list({ statuses: ["completed"] }, { limit: RUNS + 1 });
    expect(kept.map(({ runId }) => runId).sort()).toEqual(ids.sort());
    expect(new Set(kept.map(({ output }) => output.n)).size).toBe(RUNS);
    expect(await store.sweep.findUnsent({ olderThanMs: 0, limit: 10 })).toEqual([]);
  });
});
