import type { Bus, Requests } from "@openvibe/bus";
import { findCodePlace, type JsonValue, OpenVibeError, parseId, type RunError, toRunError } from "@openvibe/core";

/** One question of one operator to another. */
export interface Asked {
  /** `company_intel.research`. */
  readonly capability: string;
  readonly body: JsonValue;
  /** Who asked. */
  readonly operatorId: string;
  readonly runId: string;
  readonly nodeId: string;
  /** Once it has come. */
  readonly reply?: JsonValue;
  readonly error?: RunError;
}

/** What operators answer that are not there themselves, by `operator.capability`. */
export type Answers = Readonly<Record<string, JsonValue | ((body: JsonValue) => JsonValue | Promise<JsonValue>)>>;

/** The same bus; keeps what is asked over it, oldest first. */
export function recordingAsks(bus: Bus, asked: Asked[]): Bus {
  const requests: Requests = {
    async ask(operatorId, name, request, signal) {
      const { operator_id: by = "", run_id: runId = "", node_id: nodeId = "" } = findCodePlace() ?? {};
      const index = asked.length;
      const question = { capability: `${operatorId}.${name}`, body: request.body, operatorId: by, runId, nodeId };
      asked.push(question);
      try {
        const reply = await bus.requests.ask(operatorId, name, request, signal);
        asked[index] = { ...question, reply };
        return reply;
      } catch (error) {
        asked[index] = { ...question, error: toRunError(error, "OV_ASK_FAILED") };
        throw error;
      }
    },
    announce: (served) => bus.requests.announce(served),
    answer: (operatorId, name, answer) => bus.requests.answer(operatorId, name, answer),
    answerForAll: (name, answer) => bus.requests.answerForAll(name, answer),
  };
  return { ...bus, requests, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
}

/** Answers as the test says. @throws OpenVibeError OV_ID_INVALID */
export async function answerFor(requests: Requests, answers: Answers): Promise<readonly AsyncDisposable[]> {
  return await Promise.all(
    Object.entries(answers).map(async ([capability, said]) => {
      const [operatorId = "", name = "", rest] = capability.split(".");
      if (rest !== undefined)
        throw new OpenVibeError("OV_ID_INVALID", `answers: ${JSON.stringify(capability)} is not allowed: write "operator.capability"`);
      parseId(operatorId, "answers: operator");
      parseId(name, "answers: capability");
      return await requests.answer(operatorId, name, async ({ body }) => (typeof said === "function" ? await said(body) : said));
    }),
  );
}
