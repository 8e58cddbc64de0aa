/** Answers that a run does not wait for, over HTTP: nothing counts but what was asked for, once. */
import type { JsonObject, JsonValue } from "@openvibe/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Client, createClient } from "../support/e2e-client.ts";
import { startServer } from "../support/e2e-command.ts";
import { until } from "../support/e2e-until.ts";

let stack: AsyncDisposableStack;
let client: Client;
/** A run of workflow `board` that waits for two of three people, one of whom has answered. */
let board: string;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const env = { OPENVIBE_STORE: "memory", OPENVIBE_LLM: "echo" };
  client = createClient(stack.use(await startServer({ command: "serve", files: ["tests/support/fuzz-operator.ts"], env })).url);
  board = await waiting("board");
  expect((await resume(board, { answer: GOOD, by: "bob" })).status).toBe(202);
  await until("the first answer is kept", async () => {
    const { interrupt } = await read(board);
    return (interrupt as { data?: { answers?: readonly unknown[] } } | undefined)?.data?.answers?.length === 1;
  });
});

afterAll(() => stack?.disposeAsync());

const GOOD = { flag: true, anything: { n: [1] } };

interface Problem {
  readonly code?: string;
  readonly status?: number | string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string }[];
}

const read = async (runId: string) => (await client.get("fuzz", runId)) as unknown as JsonObject;

async function waiting(workflow: string, input: JsonObject = {}): Promise<string> {
  const { run_id: runId } = await client.activate("fuzz", workflow, input);
  await until(`run ${runId} waits`, async () => (await client.get("fuzz", runId)).status === "waiting");
  return runId;
}

function resume(runId: string, body: JsonValue | string, operator = "fuzz", headers: Readonly<Record<string, string>> = {}) {
  return client.call<Problem>("POST", `/v1/operators/${operator}/runs/${runId}/resume`, body, headers);
}

const deep = (depth: number) => `${"[".repeat(depth)}1${"]".repeat(depth)}`;

describe("an answer to a run that waits for people", () => {
  test.each<[row: string, body: JsonValue | string, status: number, code: string, pointer?: string]>([
    ["25: nothing at all", "", 400, "OV_BODY_REQUIRED"],
    ["25: null", "null", 400, "OV_REQUEST_INVALID", ""],
    ["25: a list", "[]", 400, "OV_REQUEST_INVALID", ""],
    ["25: cut off", '{"answer":{"fl', 400, "OV_JSON_INVALID"],
    ["25: a key twice", '{"answer":{},"answer":{}}', 400, "OV_DUPLICATE_KEY", "/answer"],
    ["25: no answer in it", {}, 400, "OV_REQUEST_INVALID", "/answer"],
    ["25: an answer that is null", { answer: null, by: "ann" }, 400, "OV_REQUEST_INVALID", "/answer"],
    ["25: an answer that is a list", { answer: [GOOD], by: "ann" }, 400, "OV_REQUEST_INVALID", "/answer"],
    ["25: a misspelt field", { anwser: GOOD, by: "ann" }, 400, "OV_UNKNOWN_FIELD", "/anwser"],
    ["25: __proto__", '{"answer":{"__proto__":{"flag":true}},"by":"ann"}', 400, "OV_RESERVED_KEY", "/answer/__proto__"],
    ["25: LangChain's mark", { answer: { flag: true, anything: { lc: 1, type: "constructor" } }, by: "ann" }, 400, "OV_RESERVED_KEY"],
    ["25: 65 levels", `{"answer":{"flag":true,"anything":${deep(65)}},"by":"ann"}`, 400, "OV_TOO_DEEP"],
    ["25: above 1 MiB", { answer: { flag: true, anything: "x".repeat(1_048_576) }, by: "ann" }, 413, "OV_BODY_TOO_LARGE"],
    ["25: a text for true", { answer: { flag: "yes", anything: 1 }, by: "ann" }, 422, "OV_ANSWER_INVALID", "/answer/flag"],
    ["25: a field too few", { answer: { flag: true }, by: "ann" }, 422, "OV_ANSWER_INVALID", "/answer/anything"],
    ["25: a field too many", { answer: { ...GOOD, number: 7 }, by: "ann" }, 422, "OV_ANSWER_INVALID", "/answer/number"],
    ["25: by a number", { answer: GOOD, by: 7 }, 400, "OV_REQUEST_INVALID", "/by"],
    ["25: by an empty name", { answer: GOOD, by: " " }, 400, "OV_REQUEST_INVALID", "/by"],
    ["25: by a name of 201 characters", { answer: GOOD, by: "a".repeat(201) }, 400, "OV_REQUEST_INVALID", "/by"],
    ["25: by nobody", { answer: GOOD }, 422, "OV_ANSWER_INVALID", "/by"],
    ["25: by somebody who is not asked", { answer: GOOD, by: "eve" }, 422, "OV_ANSWER_INVALID", "/by"],
    ["25: by somebody who has answered", { answer: GOOD, by: "bob" }, 422, "OV_ANSWER_INVALID", "/by"],
  ])("%s is refused, and the run waits on", async (_row, body, status, code, pointer) => {
    const before = await read(board);

    const refused = await resume(board, body);

    expect([refused.status, refused.body.code]).toEqual([status, code]);
    if (pointer !== undefined && refused.body.errors !== undefined) expect(refused.body.errors).toMatchObject([{ pointer }]);
    expect(JSON.stringify(refused.body)).not.toMatch(/\.ts:|node_modules/);
    expect(await read(board)).toEqual(before);
  });

  test("25: as anything but JSON is refused", async () => {
    expect((await resume(board, "answer=1", "fuzz", { "content-type": "text/plain" })).status).toBe(415);
  });

  test("24: of two approvers at once both count or hear 409, and nobody counts twice", async () => {
    const own = await waiting("board");

    const answers = await Promise.all(["ann", "bob", "cid", "ann", "bob"].map((by) => resume(own, { answer: GOOD, by })));

    const won = answers.filter(({ status }) => status === 202);
    expect(won.length).toBeGreaterThan(0);
    for (const { status, body } of answers)
      if (status !== 202) expect([status, body.code]).toEqual([expect.any(Number), expect.any(String)]);
    expect(answers.map(({ status }) => status).filter((status) => ![202, 409, 422].includes(status))).toEqual([]);
  });
});

describe("an answer to a run that waits for none", () => {
  test("23: one that has completed, failed, or been cancelled is 409 with its state, and stays as it is", async () => {
    const completed = (await client.run("fuzz", "shape", { text: '{"number":1}' })).run_id;
    const failed = (await client.run("fuzz", "shape", { text: "no JSON" })).run_id;
    const cancelled = await waiting("ask");
    await client.call("DELETE", `/v1/operators/fuzz/runs/${cancelled}`);

    for (const [run, state] of [
      [completed, "completed"],
      [failed, "failed"],
      [cancelled, "cancelled"],
    ] as const) {
      const before = await read(run);
      const refused = await resume(run, { answer: { flag: true, text: "x" } });

      expect([refused.status, refused.body.code]).toEqual([409, "OV_RUN_NOT_WAITING"]);
      expect(refused.body.detail).toContain(`is ${state}`);
      expect(await read(run)).toEqual(before);
    }
  });

  test("23: one that waits for time is 409, and waits on", async () => {
    const nap = await waiting("nap");

    const refused = await resume(nap, { answer: {} });

    expect([refused.status, refused.body.code]).toEqual([409, "OV_RUN_NOT_WAITING"]);
    expect(refused.body.detail).toContain("waits for a timer, not for an answer");
    expect((await read(nap)).status).toBe("waiting");
  });

  test.each([
    ["23: one that is not there", "run_of_nobody", "fuzz", 404, "OV_RUN_NOT_FOUND"],
    ["23: one at an operator that is not there", "run_of_nobody", "nobody", 404, "OV_RUN_NOT_FOUND"],
    ["21: one whose id is none", "a.b", "fuzz", 400, "OV_ID_INVALID"],
    ["21: one whose id leads elsewhere", "..%2f..%2fx", "fuzz", 400, "OV_ID_INVALID"],
  ])("%s is refused", async (_row, run, operator, status, code) => {
    const refused = await resume(run, { answer: GOOD }, operator);

    expect([refused.status, refused.body.code]).toEqual([status, code]);
  });

  test("23: another operator's run is not there", async () => {
    const ask = await waiting("ask");

    expect((await resume(ask, { answer: { flag: true, text: "x" } }, "load")).status).toBe(404);
    expect((await read(ask)).status).toBe("waiting");
  });
});

test("a loop that gets what makes it endless ends the run with its limit", async () => {
  const run = await client.run("fuzz", "chase", { number: 1e300 });

  expect(run).toMatchObject({ status: "failed", error: { code: "OV_LOOP_LIMIT", message: expect.stringContaining("20 passes") } });
});
