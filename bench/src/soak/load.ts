import { setTimeout as sleep } from "node:timers/promises";

export interface LoadOptions {
  readonly url: string;
  /** In the steady state. */
  readonly perSecond: number;
  /** Until then, on the clock of `Date.now()`, three times as many: rings and caches are full when measuring begins. */
  readonly warmUntil: number;
  readonly signal: AbortSignal;
}

export interface LoadCount {
  runs: number;
  /** Answers that were not what was asked for. */
  wrong: number;
  firstWrong: string | undefined;
}

const json = { "content-type": "application/json" };

/** Steady, and a bit of everything: runs that end well, fail, are cancelled; streams that are read to the end or cut; pages; requests that are refused. */
export async function load({ url, perSecond, warmUntil, signal }: LoadOptions): Promise<LoadCount> {
  const count: LoadCount = { runs: 0, wrong: 0, firstWrong: undefined };
  const under = new Set<Promise<void>>();
  const expectStatus = async (what: string, wanted: number, asked: Promise<Response>) => {
    const response = await asked;
    const text = await response.text();
    if (response.status === wanted) return text;
    count.wrong++;
    count.firstWrong ??= `${what}: ${response.status} ${text.slice(0, 300)}`;
    return text;
  };
  const start = (what: string, wanted: number, input: object, headers = {}) =>
    expectStatus(
      what,
      wanted,
      fetch(`${url}/v1/operators/soak/activate`, {
        method: "POST",
        headers: { ...json, ...headers },
        body: JSON.stringify({ trigger: "mixed", input }),
      }),
    );
  const path = (run: string) => `${url}/v1/operators/soak/runs/${(JSON.parse(run) as { run_id: string }).run_id}`;

  const deeds: readonly ((number: number) => Promise<unknown>)[] = [
    (number) => start("a run that is waited for", 200, { number }, { prefer: "wait=30", "idempotency-key": `soak-${number}` }),
    (number) => start("a run", 202, { number }),
    (number) => start("a run that fails", 200, { number, mood: "fails" }, { prefer: "wait=30" }),
    async (number) => {
      const run = path(await start("a run that is followed", 202, { number }));
      await expectStatus("its stream", 200, fetch(`${run}/stream`));
      await expectStatus("its events", 200, fetch(`${run}/events`));
    },
    async (number) => {
      const run = path(await start("a run that is cancelled", 202, { number, mood: "hangs" }));
      await sleep(300);
      await (await fetch(run, { method: "DELETE" })).text(); // 200 or 202, whichever it has come to
    },
    async () => {
      const cut = new AbortController();
      const response = await fetch(`${url}/v1/events/stream`, { signal: cut.signal });
      await response.body?.getReader().read();
      cut.abort();
    },
    () => expectStatus("a page", 200, fetch(`${url}/v1/runs?limit=20`)),
    () => expectStatus("an unknown run", 404, fetch(`${url}/v1/operators/soak/runs/run_2026-11-22_nobody`)),
    (number) => start("a wrong input", 422, { number: "one" }).then(() => number),
    async (number) => await (await fetch(`${url}/v1/context/context-soak/key-${number % 100}`)).text(), // there, or not yet
  ];

  for (let number = 1; !signal.aborted; number++) {
    const from = performance.now();
    const deed = deeds[number % deeds.length];
    const done = Promise.resolve(deed?.(number))
      .then(
        () => undefined,
        (error: unknown) => {
          count.wrong++;
          count.firstWrong ??= String(error);
        },
      )
      .finally(() => under.delete(done));
    under.add(done);
    count.runs++;
    const restMs = 1_000 / (Date.now() < warmUntil ? perSecond * 3 : perSecond) - (performance.now() - from);
    // More than this under way: the load waits for the system, so that the soak measures memory and no queue.
    while (under.size >= MOST_UNDER_WAY && !signal.aborted) await Promise.race(under);
    if (restMs > 0) await sleep(restMs, undefined, { signal }).catch(() => {});
  }
  await Promise.race([Promise.allSettled(under), sleep(35_000, undefined, { ref: false })]);
  return count;
}

const MOST_UNDER_WAY = 50;
