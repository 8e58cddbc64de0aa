import { type JsonValue, OpenVibeError } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import type { RequestEnvelope } from "../requests.ts";
import { eventually, freshOperatorId, quietFor, thrownBy } from "./support.ts";
import { type BusUnderTest, openBus } from "./world.ts";

const never = new AbortController().signal;

function aRequest(fields: Partial<RequestEnvelope> = {}): RequestEnvelope {
  return { body: { company: "Acme" }, askId: "run_1:node:0/ä", deadlineAt: Date.now() + 10_000, ...fields };
}

export function requestsContract(under: BusUnderTest): void {
  describe(`${under.name} keeps the promises of Requests`, () => {
    test("the answerer gets the request as it was asked, the asker what was answered", async () => {
      await using place = await openBus(under);
      const operatorId = freshOperatorId();
      const asked: RequestEnvelope[] = [];
      await using _answering = await place.bus.requests.answer(operatorId, "research", async (request) => {
        asked.push(request);
        return { found: [1, null, "Zoë"] };
      });
      const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
      const request = { ...aRequest(), traceparent, hops: 3, child: { parentRunId: "run_parent", deadline: 1_800_000_000_000 } };

      const reply = await place.bus.requests.ask(operatorId, "research", request, never);

      expect(reply).toEqual({ found: [1, null, "Zoë"] });
      expect(asked).toEqual([request]);
    });

    test.each<JsonValue>([null, 0, "", "text", [], { error: "a field of one's own" }, { error: { message: "x" }, other: 1 }])(
      "%j is an answer",
      async (answer) => {
        await using place = await openBus(under);
        const operatorId = freshOperatorId();
        await using _answering = await place.bus.requests.answer(operatorId, "echo", async ({ body }) => body);

        expect(await place.bus.requests.ask(operatorId, "echo", aRequest({ body: answer }), never)).toEqual(answer);
      },
    );

    test("where nobody answers, the asker knows at once", async () => {
      await using place = await openBus(under);
      const askedAt = Date.now();

      const error = await thrownBy(() =>
        place.bus.requests.ask(freshOperatorId(), "research", aRequest({ deadlineAt: askedAt + 15_000 }), never),
      );

      expect(error).toMatchObject({ code: "OV_NO_RESPONDER" });
      expect(Date.now() - askedAt).toBeLessThan(1_000);
    });

    test("another capability of the same operator is not asked", async () => {
      await using place = await openBus(under);
      const operatorId = freshOperatorId();
      await using _answering = await place.bus.requests.answer(operatorId, "research", async () => 1);

      expect(await thrownBy(() => place.bus.requests.ask(operatorId, "enrich", aRequest(), never))).toMatchObject({
        code: "OV_NO_RESPONDER",
      });
    });

    test.each([
      { name: "an error of ours", thrown: new OpenVibeError("OV_INPUT_INVALID", "company is missing"), message: "company is missing" },
      { name: "any error", thrown: new TypeError("cannot read x"), message: "cannot read x" },
      { name: "a string", thrown: "nothing found", message: "nothing found" },
    ])("what the answerer throws goes back: $name", async ({ thrown, message }) => {
      await using place = await openBus(under);
      const operatorId = freshOperatorId();
      await using _answering = await place.bus.requests.answer(operatorId, "research", async () => {
        throw thrown;
      });

      const error = await thrownBy(() => place.bus.requests.ask(operatorId, "research", aRequest(), never));

      expect(error).toMatchObject({ code: "OV_ASK_FAILED", message: expect.stringContaining(message) });
    });

    test("an answerer that strikes the deadline before the asker does gives the timeout that it is", async () => {
      await using place = await openBus(under);
      const operatorId = freshOperatorId();
      await using _answering = await place.bus.requests.answer(operatorId, "research", async () => {
        throw new OpenVibeError("OV_ASK_TIMEOUT", "all slots were busy until the deadline");
      });

      const error = await thrownBy(() => place.bus.requests.ask(operatorId, "research", aRequest(), never));

      expect(error).toMatchObject({ code: "OV_ASK_TIMEOUT", message: expect.stringContaining("all slots were busy") });
    });

    test("an answer in the form of an error is one", async () => {
      await using place = await openBus(under);
      const operatorId = freshOperatorId();
      await using _answering = await place.bus.requests.answer(operatorId, "research", async () => ({
        error: { message: "no such company" },
      }));

      const error = await thrownBy(() => place.bus.requests.ask(operatorId, "research", aRequest(), never));

      expect(error).toMatchObject({ code: "OV_ASK_FAILED", message: expect.stringContaining("no such company") });
    });

    test("several answerers share the requests, each goes to one of them", async () => {
      await using place = await openBus(under);
      const operatorId = freshOperatorId();
      const counts = [0, 0];
      const answering = counts.map((_, index) =>
        place.bus.requests.answer(operatorId, "count", async () => {
          counts[index] = (counts[index] ?? 0) + 1;
          return index;
        }),
      );
      await using _one = (await answering[0]) as AsyncDisposable;
      await using _two = (await answering[1]) as AsyncDisposable;

      await Promise.all(Array.from({ length: 60 }, () => place.bus.requests.ask(operatorId, "count", aRequest(), never)));

      expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(60);
      expect(Math.min(...counts)).toBeGreaterThan(0);
    });

    test("who answers for all hears which operator is asked, also one that there is not, and shares with others who do", async () => {
      await using place = await openBus(under);
      const capability = freshOperatorId(); // nobody else's, on a bus that others use as well
      const counts = [0, 0];
      const answering = counts.map((_, index) =>
        place.bus.requests.answerForAll(capability, async (operatorId, { body }) => {
          counts[index] = (counts[index] ?? 0) + 1;
          return { operatorId, body };
        }),
      );
      await using _one = (await answering[0]) as AsyncDisposable;
      await using _two = (await answering[1]) as AsyncDisposable;
      const asked = Array.from({ length: 40 }, freshOperatorId);

      const replies = await Promise.all(asked.map((id) => place.bus.requests.ask(id, capability, aRequest({ body: 1 }), never)));

      expect(replies).toEqual(asked.map((operatorId) => ({ operatorId, body: 1 })));
      expect(counts.reduce((sum, count) => sum + count)).toBe(40);
      expect(Math.min(...counts)).toBeGreaterThan(0);
    });

    test("who answered for all and stopped is not asked any more", async () => {
      await using place = await openBus(under);
      const capability = freshOperatorId();
      const answering = await place.bus.requests.answerForAll(capability, async () => 1);
      await answering[Symbol.asyncDispose]();

      expect(await thrownBy(() => place.bus.requests.ask(freshOperatorId(), capability, aRequest(), never))).toMatchObject({
        code: "OV_NO_RESPONDER",
      });
    });

    test("answers overlap", async () => {
      await using place = await openBus(under);
      const operatorId = freshOperatorId();
      const gate = Promise.withResolvers<void>();
      let running = 0;
      await using _answering = await place.bus.requests.answer(operatorId, "slow", async () => {
        running++;
        await gate.promise;
        return running;
      });

      const asking = [1, 2, 3].map(() => place.bus.requests.ask(operatorId, "slow", aRequest(), never));
      await eventually(() => running === 3, "three answers are being made");
      gate.resolve();

      expect(await Promise.all(asking)).toEqual([3, 3, 3]);
    });

    test("an asker waits until its deadline, not longer", async () => {
      await using place = await openBus(under);
      const operatorId = freshOperatorId();
      const gate = Promise.withResolvers<null>();
      await using _answering = await place.bus.requests.answer(operatorId, "slow", () => gate.promise);
      const askedAt = Date.now();

      const error = await thrownBy(() => place.bus.requests.ask(operatorId, "slow", aRequest({ deadlineAt: askedAt + 200 }), never));
      const waitedMs = Date.now() - askedAt;
      gate.resolve(null);

      expect(error).toMatchObject({ code: "OV_ASK_TIMEOUT" });
      expect(waitedMs).toBeGreaterThanOrEqual(190);
      expect(waitedMs).toBeLessThan(3_000);
    });

    test("a deadline that has passed is a timeout at once", async () => {
      await using place = await openBus(under);
      const operatorId = freshOperatorId();
      await using _answering = await place.bus.requests.answer(operatorId, "research", async () => 1);

      const error = await thrownBy(() => place.bus.requests.ask(operatorId, "research", aRequest({ deadlineAt: Date.now() - 1 }), never));

      expect(error).toMatchObject({ code: "OV_ASK_TIMEOUT" });
    });

    test("aborting ends the wait with the signal's reason", async () => {
      await using place = await openBus(under);
      const operatorId = freshOperatorId();
      const gate = Promise.withResolvers<null>();
      const stop = new AbortController();
      let reached = false;
      await using _answering = await place.bus.requests.answer(operatorId, "slow", () => {
        reached = true;
        return gate.promise;
      });
      const asking = thrownBy(() => place.bus.requests.ask(operatorId, "slow", aRequest(), stop.signal));
      await eventually(() => reached, "the request arrives");

      stop.abort(new Error("the run was cancelled"));
      const error = await asking;
      gate.resolve(null);

      expect(error).toMatchObject({ message: "the run was cancelled" });
    });

    test("disposing an answerer lets it finish what it has, and gives it nothing more", async () => {
      await using place = await openBus(under);
      const operatorId = freshOperatorId();
      const gate = Promise.withResolvers<void>();
      let reached = 0;
      const answering = await place.bus.requests.answer(operatorId, "research", async () => {
        reached++;
        await gate.promise;
        return "done";
      });
      const asking = place.bus.requests.ask(operatorId, "research", aRequest(), never);
      await eventually(() => reached === 1, "the request arrives");

      let disposed = false;
      const disposing = answering[Symbol.asyncDispose]().then(() => {
        disposed = true;
      });
      const error = await thrownBy(() => place.bus.requests.ask(operatorId, "research", aRequest({ deadlineAt: Date.now() + 500 }), never));
      await quietFor(50);
      const disposedBefore = disposed;
      gate.resolve();
      await disposing;

      expect(disposedBefore).toBe(false);
      expect(await asking).toBe("done");
      expect(error).toMatchObject({ code: "OV_NO_RESPONDER" });
      expect(reached).toBe(1);
    });

    test("a request or a reply too large for any bus is refused, not lost", async () => {
      await using place = await openBus(under);
      const operatorId = freshOperatorId();
      const large = "x".repeat(1_000_001);
      await using _answering = await place.bus.requests.answer(operatorId, "research", async () => large);

      expect(await thrownBy(() => place.bus.requests.ask(operatorId, "research", aRequest({ body: large }), never))).toMatchObject({
        code: "OV_BODY_TOO_LARGE",
      });
      expect(await thrownBy(() => place.bus.requests.ask(operatorId, "research", aRequest(), never))).toMatchObject({
        code: "OV_ASK_FAILED",
      });
    });

    test("a bus that was disposed asks nobody, and says so", async () => {
      await using place = await openBus(under);
      await place.bus[Symbol.asyncDispose]();

      expect(await thrownBy(() => place.bus.requests.ask(freshOperatorId(), "research", aRequest(), never))).toMatchObject({
        code: "OV_BUS_UNAVAILABLE",
      });
    });

    if (under.features.shared) {
      test("one process asks, another answers", async () => {
        await using world = await under.openWorld();
        await using asking = await world.open();
        await using answering = await world.open();
        const operatorId = freshOperatorId();
        await using _answering = await answering.requests.answer(operatorId, "research", async ({ body }) => ({ asked: body }));

        expect(await asking.requests.ask(operatorId, "research", aRequest(), never)).toEqual({ asked: { company: "Acme" } });
      });
    }
  });
}
