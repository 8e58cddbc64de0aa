/** Every subject of ours, as a stranger with the broker's address may use it. */
import { headers, type MsgHdrs } from "@nats-io/transport-node";
import type { Maker } from "./maker.ts";
import { ANSWER_WITHIN_MS, type Surface, shown, showsInsides } from "./surface.ts";
import type { FuzzedSystem } from "./system.ts";

export const messageSurface: Surface = {
  name: "NATS subjects",
  weight: 16,
  async attempt(make, system) {
    const subject = make.pick(SUBJECTS)(make, system).replaceAll(/\s/g, "_").replaceAll(/\.+/g, ".").replace(/^\./, "");
    const body = bodyOf(make);
    const hdrs = headersOf(make, system);
    system.nats.publish(subject, body, hdrs === undefined ? {} : { headers: hdrs });
    await system.nats.flush();
    return { sent: sentOf(subject, hdrs, body) };
  },
};

/** What an operator answers to other operators: whoever asks gets an answer, whatever he asks. */
export const requestSurface: Surface = {
  name: "NATS requests",
  weight: 6,
  async attempt(make, system) {
    const subject = "operators.fuzz.request.shape";
    const body = bodyOf(make);
    const hdrs = headersOf(make, system);
    const sent = sentOf(subject, hdrs, body);
    const options = { timeout: ANSWER_WITHIN_MS, ...(hdrs === undefined ? {} : { headers: hdrs }) };
    const answer = await system.nats.request(subject, body, options).then(
      (message) => message.string(),
      (error: unknown) => error as Error,
    );
    if (answer instanceof Error) return { sent, fault: `no answer: ${answer.message}` };
    return showsInsides(answer) || answer.includes("OV_RUN_UNSTORABLE")
      ? { sent, fault: `the answer shows our insides: ${answer.slice(0, 600)}` }
      : { sent };
  },
};

type SubjectOf = (make: Maker, system: FuzzedSystem) => string;

const KINDS = ["start", "resume", "timer", "event", "child", "retry", "explode"];
const TYPES = ["run_completed", "run_failed", "node_completed", "load_counted", "context_updated", "x", "-"];

const operatorOf = (make: Maker) => make.pick(["fuzz", "fuzz", "load", "load", "nobody", "-", token(make)]);
// Ids that nobody knows are kept for a minute each, of the thousand that a consumer may hold: a few are enough.
const runOf = (make: Maker, { ended, waiting }: FuzzedSystem) =>
  make.oneIn(12) ? make.pick(["run_of_nobody", token(make)]) : make.pick([...ended, ...waiting]);
const numberOf = (make: Maker) => make.pick(["0", "0", "0", "1", "1", "2", "-1", "007", "1e3", "99999999999", token(make)]);

const SUBJECTS: readonly SubjectOf[] = [
  (make, system) =>
    `operators.${make.pick(["fuzz", "load"])}.activations.main.${make.pick(KINDS)}.${runOf(make, system)}.${numberOf(make)}`,
  (make, system) => `operators.${operatorOf(make)}.activations.${token(make)}.${make.pick(KINDS)}.${runOf(make, system)}${token(make)}`,
  (make, system) => `operators.${operatorOf(make)}.events.${make.pick(TYPES)}.${runOf(make, system)}`,
  (make, system) => `operators.${operatorOf(make)}.live.${make.pick(["llm_delta", "node_started", "x"])}.${runOf(make, system)}`,
  (make, system) => `operators.${operatorOf(make)}.control.${make.pick(["cancel", "wake", "explode"])}.${runOf(make, system)}`,
  (make) => `operators.${operatorOf(make)}.heartbeat`,
  (make) => `operators.${operatorOf(make)}.request.${make.pick(["shape", "nothing", token(make)])}`,
  (make) => `$KV.registry.${operatorOf(make)}.${token(make)}`,
  (make) => `$KV.context-fuzz.${make.pick(["known", "new", token(make)])}`,
  (make) => `dead_letters.${operatorOf(make)}.${make.pick(["unknown_run", "bad_message", token(make)])}`,
  (make) => `operators.${token(make)}.${token(make)}`,
];

/** One or several tokens of a subject. */
function token(make: Maker): string {
  const text = make
    .text()
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}]/gu, "_")
    .slice(0, 100);
  return text === "" ? "_" : text;
}

function bodyOf(make: Maker): Buffer {
  if (make.oneIn(8)) return Buffer.alloc(0);
  if (make.oneIn(5)) return make.bytes(100);
  if (make.oneIn(40)) return Buffer.from(JSON.stringify("x".repeat(900 * 1_024)));
  const text = Buffer.from(
    JSON.stringify(make.oneIn(2) ? make.bend(LIVE) : make.oneIn(2) ? { text: JSON.stringify(make.json()) } : make.json()),
  );
  return make.oneIn(6) ? make.damage(text) : text;
}

const LIVE = {
  type: "llm.delta",
  time: "2026-11-22T10:30:00.000Z",
  operator_id: "fuzz",
  workflow_id: "ask",
  run_id: "run_x",
  node_id: "ask",
  attempt: 1,
  number: 1,
  data: { text: "x" },
};

const HEADERS = ["ce-id", "ce-type", "ce-time", "ce-operatorid", "ce-workflowid", "ce-runid", "ce-nodeid", "ce-sequence", "ce-specversion"];
const MORE_HEADERS = ["ov-ask-id", "ov-ask-id", "ov-deadline", "traceparent", "Nats-Msg-Id", "KV-Operation", "Nats-Rollup", "Nats-TTL"];

function headersOf(make: Maker, system: FuzzedSystem): MsgHdrs | undefined {
  if (make.oneIn(3)) return undefined;
  const hdrs = headers();
  const put = (name: string, value: string) => hdrs.set(name, value.replaceAll(/[^\x20-\x7e]/g, "%").slice(0, make.oneIn(3) ? 8_000 : 200));
  if (make.oneIn(2)) for (const name of HEADERS) put(name, headerOf(make, system, name));
  for (let times = make.between(0, 3); times > 0; times--) {
    const name = make.pick([...HEADERS, ...MORE_HEADERS]);
    put(name, headerOf(make, system, name));
  }
  return hdrs;
}

function headerOf(make: Maker, { ended }: FuzzedSystem, name: string): string {
  if (make.oneIn(4)) return make.oneIn(3) ? encodeURIComponent(make.text().toWellFormed()) : make.text();
  if (name === "ce-id") return `${make.pick(ended)}:${make.between(0, 20)}`;
  if (name === "ce-runid") return make.pick(ended);
  if (name === "ce-type") return make.pick(["run.completed", "node.completed", "x.y", "a%0Aevent: b%0A%0Adata: {}"]);
  if (name === "ce-time") return new Date(0).toISOString();
  if (name === "ov-ask-id") return make.pick(["%00", "ask%00", "a".repeat(5_000), "%ED%A0%80", "ask"]);
  if (name === "ov-deadline") return make.pick(["0", "1", "-1", "1e400", "Infinity", "NaN", "99999999999999"]);
  return make.pick(["fuzz", "load", "0", "1", "ask"]);
}

function sentOf(subject: string, hdrs: MsgHdrs | undefined, body: Buffer): string {
  const told = hdrs === undefined ? {} : Object.fromEntries([...hdrs].map(([name, values]) => [name, values.join(", ").slice(0, 200)]));
  return `${subject.slice(0, 300)} ${JSON.stringify(told)} ${shown(body)}`;
}
