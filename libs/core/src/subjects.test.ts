import { describe, expect, test } from "vitest";
import { newRunId } from "./ids.ts";
import { ANY, NONE, subjects, typeToken } from "./subjects.ts";
import { MAIN_LANE, parseActivationSubject, WakeKind } from "./wake-up.ts";

const RUN = newRunId(1_795_000_000_000);
const activation = { operatorId: "revenue_ops", lane: MAIN_LANE, kind: WakeKind.Start, runId: RUN, wake: 0 } as const;

describe("every subject", () => {
  test.each([
    ["activation", subjects.activation(activation), `operators.revenue_ops.activations.main.start.${RUN}.0`],
    [
      "activation of any kind",
      subjects.activation({ ...activation, kind: ANY, wake: ANY }),
      `operators.revenue_ops.activations.main.*.${RUN}.*`,
    ],
    ["activations of one operator", subjects.activations("revenue_ops"), "operators.revenue_ops.activations.>"],
    ["activations of all", subjects.activations(ANY), "operators.*.activations.>"],
    ["event", subjects.event("revenue_ops", "lead.qualified", RUN), `operators.revenue_ops.events.lead_qualified.${RUN}`],
    ["event of four words", subjects.event("a", "a.b.c.d", RUN), `operators.a.events.a_b_c_d.${RUN}`],
    ["event without a run", subjects.event("a", "operator.registered", null), "operators.a.events.operator_registered.-"],
    ["event without an operator", subjects.event(null, "context.updated", null), "operators.-.events.context_updated.-"],
    ["events of one run", subjects.event(ANY, ANY, RUN), `operators.*.events.*.${RUN}`],
    ["events of all", subjects.events, "operators.*.events.>"],
    ["log", subjects.log("a", "run.completed", RUN), `log.a.run_completed.${RUN}`],
    ["log of all", subjects.log(ANY, ANY, ANY), "log.*.*.*"],
    ["live", subjects.live("a", "llm.delta", RUN), `operators.a.live.llm_delta.${RUN}`],
    ["control", subjects.control("a", "cancel", RUN), `operators.a.control.cancel.${RUN}`],
    ["request", subjects.request("company_intel", "research"), "operators.company_intel.request.research"],
    ["heartbeat", subjects.heartbeat("a"), "operators.a.heartbeat"],
    ["dead letter", subjects.deadLetter("a", "unknown_run"), "dead_letters.a.unknown_run"],
    ["dead letter of nobody", subjects.deadLetter(null, "bad_message"), "dead_letters.-.bad_message"],
  ])("%s is as DESIGN writes it", (_name, subject, expected) => {
    expect(subject).toBe(expected);
  });

  test.each([
    ["activation", 7, (type: string) => subjects.activation({ ...activation, operatorId: typeToken(type) })],
    ["event", 5, (type: string) => subjects.event("a", type, RUN)],
    ["log", 4, (type: string) => subjects.log("a", type, RUN)],
    ["live", 5, (type: string) => subjects.live("a", type, RUN)],
  ])("%s has %d tokens whatever the type", (_name, arity, subject) => {
    for (const type of ["lead", "lead.qualified", "a.b.c.d", "run.dead_lettered"]) expect(subject(type).split(".")).toHaveLength(arity);
  });

  test("has no empty token and no stray wildcard", () => {
    const all = [
      subjects.activation(activation),
      subjects.event(null, "context.updated", null),
      subjects.log("a", "run.completed", RUN),
      subjects.live("a", "llm.delta", RUN),
      subjects.control("a", "wake", RUN),
      subjects.request("a", "b"),
      subjects.heartbeat("a"),
      subjects.deadLetter(null, "unknown_wake"),
    ];

    for (const subject of all) expect(subject).toMatch(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/);
    expect(NONE).toBe("-");
  });
});

describe("an activation's subject", () => {
  test.each(Object.values(WakeKind))("of kind %s is read as it was written", (kind) => {
    for (const wake of [0, 1, 42, 999_999_999]) {
      const { operatorId, runId } = activation;

      expect(parseActivationSubject(subjects.activation({ ...activation, kind, wake }))).toEqual({ operatorId, runId, kind, wake });
    }
  });

  test.each([
    "",
    "operators",
    `operators.revenue_ops.activations.main.start.${RUN}`,
    `operators.revenue_ops.activations.main.start.${RUN}.0.0`,
    `operator.revenue_ops.activations.main.start.${RUN}.0`,
    `operators.revenue_ops.events.main.start.${RUN}.0`,
    `operators.Revenue.activations.main.start.${RUN}.0`,
    `operators..activations.main.start.${RUN}.0`,
    `operators.revenue_ops.activations..start.${RUN}.0`,
    `operators.revenue_ops.activations.*.start.${RUN}.0`,
    `operators.revenue_ops.activations.main.started.${RUN}.0`,
    `operators.revenue_ops.activations.main.constructor.${RUN}.0`,
    `operators.revenue_ops.activations.main.*.${RUN}.0`,
    "operators.revenue_ops.activations.main.start..0",
    "operators.revenue_ops.activations.main.start.>.0",
    `operators.revenue_ops.activations.main.start.${RUN}.`,
    `operators.revenue_ops.activations.main.start.${RUN}.-1`,
    `operators.revenue_ops.activations.main.start.${RUN}.1.5`,
    `operators.revenue_ops.activations.main.start.${RUN}.1e3`,
    `operators.revenue_ops.activations.main.start.${RUN}.00`,
    `operators.revenue_ops.activations.main.start.${RUN}.07`,
    `operators.revenue_ops.activations.main.start.${RUN}.x`,
    `operators.revenue_ops.activations.main.start.${RUN}.1000000000`,
    `operators.revenue_ops.activations.main.start.${RUN}.0\n`,
  ])("%j is none of ours", (subject) => {
    expect(parseActivationSubject(subject)).toBeUndefined();
  });
});
