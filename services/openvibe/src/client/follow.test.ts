/** Streams read by the client: from the first event, from where a reader was, over cuts, to the end. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Served, serve } from "../index.ts";
import { small } from "../small-operator.fixture.ts";
import { type Client, createClient, ProblemError, type StreamedEvent } from "./index.ts";

let served: Served;
let client: Client;

beforeAll(async () => {
  for (const name of ["DATABASE_URL", "NATS_URL", "ANTHROPIC_API_KEY", "OPENVIBE_PORT"]) vi.stubEnv(name, undefined);
  served = await serve(small, { port: 0, store: ":memory:", foreground: false });
  client = createClient({ baseUrl: served.url });
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
});

async function start(trigger: string, input = {}): Promise<string> {
  const { data } = await client.POST("/v1/operators/{operator_id}/activate", {
    params: { path: { operator_id: "small" } },
    body: { trigger, input },
  });
  return data.run_id;
}

async function take(events: AsyncIterable<StreamedEvent>, count: number): Promise<StreamedEvent[]> {
  const taken: StreamedEvent[] = [];
  for await (const event of events) if (taken.push(event) === count) break;
  return taken;
}

const stored = (events: readonly StreamedEvent[]) => events.map(({ event }) => event).filter(({ sequence }) => sequence !== undefined);

describe("a run's stream", () => {
  test("has every stored event from the first, the model's tokens, and ends with the run", async () => {
    const runId = await start("greet");

    const events = await Array.fromAsync(client.runEvents("small", runId));

    expect(stored(events).map(({ type }) => type)).toEqual(["run.queued", "run.started", "node.completed", "run.completed"]);
    expect(stored(events).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    expect(events.at(-1)?.event).toMatchObject({ type: "run.completed", runid: runId, data: { status: "completed" } });
  });

  test("goes on after the event a reader had, and has nothing more to say after the last", async () => {
    const runId = await start("add");
    const all = await Array.fromAsync(client.runEvents("small", runId));
    const [second] = all.slice(1);

    const rest = await Array.fromAsync(client.runEvents("small", runId, { lastEventId: second?.lastEventId ?? "" }));
    const none = await Array.fromAsync(client.runEvents("small", runId, { lastEventId: all.at(-1)?.lastEventId ?? "" }));

    expect(stored(rest)).toEqual(stored(all).filter(({ sequence }) => (sequence ?? 0) > (second?.event.sequence ?? 0)));
    expect(none).toEqual([]);
  });

  test("of a run that there is not is refused as a call is", async () => {
    const error = await Array.fromAsync(client.runEvents("small", "run_none")).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ code: "OV_RUN_NOT_FOUND", status: 404, request_id: expect.stringMatching(/^req_/) });
  });
});

describe("the stream of all events", () => {
  test("carries what the filter names, and goes on exactly where a reader was", async () => {
    const stop = new AbortController();
    const types = ["run.queued", "count.shared"];
    const [anchor] = await take(client.runEvents("small", await start("add")), 1);
    const from = { lastEventId: anchor?.lastEventId ?? "", signal: stop.signal };
    await start("share", { n: 7 });

    const [queued] = await take(client.events({ types, operator: "small" }, from), 1);
    const [shared] = await take(client.events({ types }, { ...from, lastEventId: queued?.lastEventId ?? "" }), 1);
    stop.abort();

    expect([queued?.event.type, shared?.event.type, shared?.event.data]).toEqual(["run.queued", "count.shared", { n: 7 }]);
    expect(queued?.event.runid).toBe(shared?.event.runid);
  });

  test("ends by its signal, without an error", async () => {
    const events = client.events({}, { signal: AbortSignal.timeout(50) });

    expect(await Array.fromAsync(events)).toEqual([]);
  });

  test("says where it cannot go on", async () => {
    const [first] = await take(client.events({}, { lastEventId: "0156y6uqnky14dlw.15.WNSE-xuz" }), 1);

    expect(first?.event).toMatchObject({ type: "stream.reset", data: { reason: "other_epoch" } });
  });
});
