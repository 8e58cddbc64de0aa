/** Runs that wait for time and for people, from outside: over HTTP, in one process and over a broker, with whoever served them killed meanwhile. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats, startPostgres } from "@openvibe/stack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Client, createClient, type RunBody } from "../support/e2e-client.ts";
import { type Server, startServer } from "../support/e2e-command.ts";
import { until } from "../support/e2e-until.ts";

const NURTURE = "tests/support/nurture-operator.ts";

interface Waiting extends RunBody {
  readonly interrupt: { readonly kind: string; readonly node_id: string; readonly data: Readonly<Record<string, unknown>> };
}

const MODES = {
  dev: async (stack: AsyncDisposableStack) => {
    const folder = await mkdtemp(join(tmpdir(), "openvibe-waits-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    return { OPENVIBE_SQLITE_PATH: join(folder, "openvibe.db") };
  },
  serve: async (stack: AsyncDisposableStack) => {
    const [nats, postgres] = await Promise.all([startNats({ own: true }), startPostgres({ own: true })]);
    for (const part of [nats, postgres]) stack.use(part);
    return { NATS_URL: nats.url, DATABASE_URL: await postgres.createDatabase() };
  },
} as const;

describe.each(["dev", "serve"] as const)("openvibe %s", (command) => {
  const stack = new AsyncDisposableStack();
  let env: Readonly<Record<string, string>>;
  let server: Server;
  let client: Client;

  const start = async () => {
    server = stack.use(await startServer({ command, files: [NURTURE], env: { ...env, OPENVIBE_LLM: "echo" } }));
    client = createClient(server.url);
  };
  const resume = (runId: string, body: Readonly<Record<string, unknown>>) =>
    client.call<RunBody & { code?: string; errors?: readonly { pointer: string }[] }>(
      "POST",
      `/v1/operators/nurture/runs/${runId}/resume`,
      JSON.stringify(body),
    );
  const asked = (runId: string) =>
    until("people are asked", async () => {
      const run = (await client.get("nurture", runId)) as Waiting;
      return run.status === "waiting" && run.interrupt.kind === "human" && run;
    });
  const ended = (runId: string) =>
    until("the run ends", async () => {
      const run = await client.get("nurture", runId);
      return run.completed_at !== null && run;
    });

  beforeAll(async () => {
    env = await MODES[command](stack);
    await start();
  });
  afterAll(() => stack.disposeAsync());

  test("a question carries its prompt, schema and deadline; a wrong answer leaves it open; the right one ends it", async () => {
    const { run_id: runId } = await client.activate("nurture", "nurture", { pause_ms: 10 });

    const { interrupt } = await asked(runId);
    expect(interrupt).toMatchObject({ node_id: "hand_over", data: { prompt: "Take over after 2 mails?", schema: { type: "object" } } });
    const daysLeft = (Date.parse(String(interrupt.data.deadline)) - Date.now()) / 86_400_000;
    expect(Math.round(daysLeft)).toBe(42);

    for (const [body, code, pointer] of [
      [{ answer: { approved: "yes", comment: "ann" } }, "OV_ANSWER_INVALID", "/answer/approved"],
      [{ answer: { approved: true } }, "OV_ANSWER_INVALID", "/answer/comment"],
      [{ answer: { approved: true, comment: "ann", mails: 7 } }, "OV_ANSWER_INVALID", "/answer/mails"],
      [{ answer: true }, "OV_REQUEST_INVALID", "/answer"],
      [{ answer: { approved: true, comment: "ann" }, force: true }, "OV_UNKNOWN_FIELD", "/force"],
    ] as const) {
      const refused = await resume(runId, body);
      expect(refused).toMatchObject({ body: { code, errors: [{ pointer }] } });
      expect([400, 422]).toContain(refused.status);
    }
    expect(await asked(runId)).toMatchObject({ status: "waiting" });

    expect(await resume(runId, { answer: { approved: true, comment: "ann" } })).toMatchObject({ status: 202, body: { run_id: runId } });
    expect(await ended(runId)).toMatchObject({ status: "completed", output: { mails: 2, approved: true, taken_by: "ann" } });
    expect(await resume(runId, { answer: { approved: false, comment: "bob" } })).toMatchObject({
      status: 409,
      body: { code: "OV_RUN_NOT_WAITING" },
    });
    const types = (await client.events("nurture", runId)).map(({ type }) => type);
    expect(types.filter((type) => type === "run.waiting")).toHaveLength(3);
    expect(types.filter((type) => type === "run.resumed")).toHaveLength(3);
    expect(types.at(-1)).toBe("run.completed");
  });

  test("of many answers at once one counts, and the rest hear so", async () => {
    const { run_id: runId } = await client.activate("nurture", "nurture", { pause_ms: 10 });
    await asked(runId);

    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => resume(runId, { answer: { approved: true, comment: `person ${n}` } })),
    );

    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(11);
    const winner = answers.findIndex(({ status }) => status === 202);
    expect(await ended(runId)).toMatchObject({ output: { taken_by: `person ${winner}` } });
  });

  test("a kill while it waits loses nothing: the time comes, the question stays, the answer counts", async () => {
    const { run_id: timed } = await client.activate("nurture", "nurture", { pause_ms: 2_500 });
    const { run_id: open } = await client.activate("nurture", "nurture", { pause_ms: 10 });
    await asked(open);
    await until("it cools down", async () => (await client.get("nurture", timed)).status === "waiting");
    await server.kill();
    await start();

    expect(await asked(open)).toMatchObject({ interrupt: { data: { prompt: "Take over after 2 mails?" } } });
    await resume(open, { answer: { approved: false, comment: "" } });

    expect(await ended(open)).toMatchObject({ status: "completed", output: { mails: 2, approved: false } });
    const { interrupt } = await asked(timed);
    expect(interrupt.node_id).toBe("hand_over");
    expect(await client.call("DELETE", `/v1/operators/nurture/runs/${timed}`)).toMatchObject({ body: { status: "cancelled" } });
    expect(await resume(timed, { answer: { approved: true, comment: "x" } })).toMatchObject({ status: 409 });
  });
});
