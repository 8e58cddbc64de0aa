import { silentLogger } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { Grouped } from "./grouped.ts";
import { Patience } from "./patience.ts";

interface Item {
  readonly key: string;
  readonly n: number;
}

/** A database whose statements end when the test says so. */
function aDatabase(given: { deadlineMs?: number; shared?: boolean; maxCharacters?: number } = {}) {
  const sent: { items: readonly Item[]; again: boolean; answer: () => void; fail: (error: unknown) => void }[] = [];
  const patience = new Patience("test", silentLogger);
  const grouped = new Grouped<Item, string>({
    keyOf: ({ key }) => key,
    charactersOf: ({ n }) => n,
    send: (items, again) => {
      const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
      sent.push({ items, again, answer: () => resolve(items.map(({ key, n }) => `${key}${n}`)), fail: reject });
      return promise;
    },
    deadlineMs: given.deadlineMs ?? 1_000,
    patience,
    shared: given.shared ?? false,
  });
  const nth = async (index: number) => {
    await expect.poll(() => sent.length, { interval: 1 }).toBeGreaterThan(index);
    const statement = sent[index];
    if (statement === undefined) throw new Error(`statement ${index} was not sent`);
    return statement;
  };
  return { grouped, sent, nth, patience };
}

const keysOf = ({ items }: { items: readonly Item[] }) => items.map(({ key }) => key).join("");
const turn = () => new Promise((resolve) => setImmediate(resolve));
const databaseError = (code: string) => Object.assign(new Error(`failed with ${code}`), { code });

describe("calls of one kind", () => {
  test("travel alone when nothing is under way, else together, ordered by key; three statements at most", async () => {
    const { grouped, sent, nth } = aDatabase();
    const answers: Promise<string>[] = [];
    for (const key of ["a", "b", "c"]) {
      answers.push(grouped.ask({ key, n: 1 }));
      await turn();
    }
    answers.push(...["f", "d", "e"].map((key) => grouped.ask({ key, n: 1 })));
    await turn();
    await turn();
    expect(sent.map(keysOf)).toEqual(["a", "b", "c"]);

    sent[1]?.answer();
    expect(keysOf(await nth(3))).toBe("def");
    for (const statement of sent) statement.answer();

    expect(await Promise.all(answers)).toEqual(["a1", "b1", "c1", "f1", "d1", "e1"]);
  });

  test("made in one turn travel together", async () => {
    const { grouped, nth } = aDatabase();
    const answers = ["b", "a"].map((key) => grouped.ask({ key, n: 1 }));

    const first = await nth(0);
    first.answer();

    expect(keysOf(first)).toBe("ab");
    expect(await Promise.all(answers)).toEqual(["b1", "a1"]);
  });

  test("are sent while the turn goes on when they are many enough", async () => {
    const { grouped, sent } = aDatabase();
    const asked = ["a", "b", "c", "d", "e", "f", "g"].map((key) => grouped.ask({ key, n: 1 }));
    expect(sent.map(keysOf)).toEqual(["abcdef"]);

    await turn();
    expect(sent.map(keysOf)).toEqual(["abcdef", "g"]);
    for (const statement of sent) statement.answer();
    expect(await Promise.all(asked)).toHaveLength(7);
  });

  test("whose answer has come are followed by the next one of the same run before the last of a large group has its own", async () => {
    const { grouped, sent, nth } = aDatabase();
    const blocking: Promise<string>[] = [];
    for (const key of ["1", "2", "3"]) {
      blocking.push(grouped.ask({ key, n: 1 }));
      await turn();
    }
    const keys = Array.from({ length: 40 }, (_, index) => `k${String(index).padStart(2, "0")}`);
    let answered = 0;
    const group = keys.map((key) => grouped.ask({ key, n: 1 }).then(() => answered++));
    sent[0]?.answer();
    const large = await nth(3);
    expect(large.items).toHaveLength(40);
    for (const statement of sent.slice(1, 3)) statement.answer();
    await Promise.all(blocking);

    large.answer();
    await group[0];
    const next = grouped.ask({ key: "k00", n: 2 });
    await turn();
    await turn();

    expect(answered).toBeLessThan(40);
    expect(sent.map(keysOf).slice(4)).toEqual(["k00"]);
    sent[4]?.answer();
    expect(await next).toBe("k002");
    await Promise.all(group);
    expect(sent).toHaveLength(5);
  });

  test("for one run never travel at the same time, and keep their order", async () => {
    const { grouped, sent, nth } = aDatabase();
    const answers = [1, 2, 3].map((n) => grouped.ask({ key: "a", n }));
    const other = grouped.ask({ key: "b", n: 1 });
    for (const index of [0, 1, 2]) {
      const statement = await nth(index);
      await turn();
      expect(sent).toHaveLength(index + 1);
      statement.answer();
    }

    expect(await Promise.all([...answers, other])).toEqual(["a1", "a2", "a3", "b1"]);
    expect(sent.map(({ items }) => items.map(({ n }) => n))).toEqual([[1, 1], [2], [3]]);
  });

  test("that only read share the answer of the one that waits", async () => {
    const { grouped, nth } = aDatabase({ shared: true });
    const answers = [1, 2].map((n) => grouped.ask({ key: "a", n }));
    (await nth(0)).answer();

    expect(await Promise.all(answers)).toEqual(["a1", "a1"]);
  });

  test("that are large do not all travel in one statement", async () => {
    const { grouped, sent, nth } = aDatabase();
    const answers = ["a", "b", "c"].map((key) => grouped.ask({ key, n: 3_000_000 }));
    (await nth(0)).answer();
    (await nth(1)).answer();
    await Promise.all(answers);

    expect(sent.map(keysOf)).toEqual(["ab", "c"]);
  });
});

describe("a statement that fails", () => {
  test.each(["40P01", "40001", "57P01", "57P03", "08006", "53300", "ECONNREFUSED", "ECONNRESET"])(
    "with %s is asked again, and says so",
    async (code) => {
      const { grouped, sent, nth } = aDatabase();
      const answer = grouped.ask({ key: "a", n: 1 });
      (await nth(0)).fail(databaseError(code));
      (await nth(1)).answer();

      expect(await answer).toBe("a1");
      expect(sent.map(({ again }) => again)).toEqual([false, true]);
    },
  );

  test("for as long as the deadline allows, whether it was sent or still waits", async () => {
    const { grouped, nth, sent } = aDatabase({ deadlineMs: 100 });
    const begun = performance.now();
    const calls = [1, 2].map((n) => grouped.ask({ key: "a", n }));
    const failing = setInterval(() => {
      for (const statement of sent) statement.fail(databaseError("ECONNREFUSED"));
    }, 1);
    await nth(1);

    const answers = await Promise.allSettled(calls);
    clearInterval(failing);

    for (const answer of answers)
      expect(answer).toMatchObject({ reason: { code: "OV_STORE_UNAVAILABLE", message: expect.stringContaining("ECONNREFUSED") } });
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  test("because of one row's data is divided until that row stands alone", async () => {
    const { grouped, sent } = aDatabase();
    const keys = [..."abcdefg"];
    const calls = keys.map((key) => grouped.ask({ key, n: 1 }));
    const answering = setInterval(() => {
      for (const statement of sent) keysOf(statement).includes("e") ? statement.fail(databaseError("22021")) : statement.answer();
    }, 1);

    const answers = await Promise.allSettled(calls);
    clearInterval(answering);

    expect(answers.map(({ status }) => status)).toEqual(keys.map((key) => (key === "e" ? "rejected" : "fulfilled")));
    expect(answers[4]).toMatchObject({ reason: { code: "OV_RUN_UNSTORABLE", message: expect.stringContaining("run e") } });
  });

  test("for another reason is not asked again", async () => {
    const { grouped, nth, sent } = aDatabase();
    const answer = grouped.ask({ key: "a", n: 1 });
    (await nth(0)).fail(databaseError("42P01"));

    await expect(answer).rejects.toMatchObject({ code: "OV_STORE_UNAVAILABLE" });
    expect(sent).toHaveLength(1);
  });

  test("while the store closes is given up", async () => {
    const { grouped, nth, patience } = aDatabase({ deadlineMs: 60_000 });
    const answer = grouped.ask({ key: "a", n: 1 });
    patience.close();
    (await nth(0)).fail(databaseError("ECONNRESET"));

    await expect(answer).rejects.toMatchObject({ code: "OV_STORE_UNAVAILABLE" });
    await expect(grouped.ask({ key: "b", n: 1 })).rejects.toMatchObject({ code: "OV_STORE_UNAVAILABLE" });
    await grouped.idle();
  });
});
