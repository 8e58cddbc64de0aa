import { expect, test } from "vitest";
import { judgeStreamSoak } from "./stream-verdict.ts";
import { type StreamSoakResult, soakStreams } from "./streams.ts";

test("200 idle and 30 busy clients over one relay: memory is flat, and one that stops reading slows nobody", {
  timeout: 120_000,
}, async () => {
  const result = await soakStreams({
    ...{
      idle: 200,
      busy: 30,
      perSecond: 50,
      fill: 2_500,
      fillBytes: 4_000,
      settleMs: 500,
      measureMs: 1_500,
      probeEveryMs: 250,
      seeDropped: false,
    },
    signal: AbortSignal.timeout(110_000),
    say: () => {},
  });

  expect(judgeStreamSoak(result, { slowerByMs: 1_000 }).faults).toEqual([]);
  expect(result).toMatchObject({ clients: 230, lost: 0, wrong: 0 });
});

const steady = (from: number, by: number) =>
  Array.from({ length: 20 }, (_, n) => ({ at: n * 1_000, heapMb: from + n * by, rssMb: 200, resources: 9 }));
const fine: StreamSoakResult = {
  ...{ clients: 2_200, lost: 0, published: 100, wrong: 0, drops: 1 },
  ...{ calm: [1, 2, 3], stalled: [2, 3, 4], memory: { name: "event-relay", points: steady(80, 0) } },
};

test.each<[string, Partial<StreamSoakResult>, RegExp | undefined]>([
  ["all as promised", {}, undefined],
  ["memory that grows", { memory: { name: "event-relay", points: steady(80, 1) } }, /heapMb GROWS/],
  ["memory that nobody saw", { memory: { name: "event-relay", points: [] } }, /says nothing/],
  ["others slowed", { stalled: [900, 900, 900] }, /p50.* SLOWER/],
  ["an event missed", { wrong: 1 }, /not heard/],
  ["a stream that ended", { lost: 1 }, /ended by themselves/],
  ["a stalled client that stays", { drops: 0 }, /should have been/],
  ["silence", { calm: [] }, /nothing was heard/],
])("the verdict on %s", (_, part, expected) => {
  const { faults } = judgeStreamSoak({ ...fine, ...part });

  if (expected === undefined) expect(faults).toEqual([]);
  else expect(faults.join("\n")).toMatch(expected);
});
