/** Judges what had to follow from the runs of a trial elsewhere: at the operator they ask and tell, and at a receiver of webhooks. Pure, as the checker is. */
import type { StoredEvent, StoredRun } from "./checker.ts";
import type { Received } from "./webhook-receiver.ts";

export interface Consequences {
  readonly runs: readonly StoredRun[];
  readonly events: readonly StoredEvent[];
  /** What each run of `asker` asks for, and what it begins elsewhere. */
  readonly asks: { readonly asker: string; readonly answerer: string; readonly questions: readonly string[] };
  /** What each run of `teller` publishes, and the triggers that this meets. */
  readonly tells: { readonly teller: string; readonly event: string; readonly hearer: string; readonly triggers: readonly string[] };
  readonly webhooks: { readonly types: readonly string[]; readonly received: readonly Received[]; readonly taken: ReadonlySet<string> };
}

export function judgeConsequences({ runs, events, asks, tells, webhooks }: Consequences): readonly string[] {
  const completed = (workflow: string) => runs.filter((run) => run.workflow === workflow && run.status === "completed");
  const count = (workflow: string, label: (run: StoredRun) => string) =>
    Map.groupBy(
      runs.filter((run) => run.workflow === workflow),
      label,
    );
  const answered = count(asks.answerer, ({ input }) => `${input.by} ${input.say}`);
  const heard = count(tells.hearer, ({ input, trigger }) => `${input.by} ${trigger}`);
  const told = Map.groupBy(
    events.filter(({ type }) => type === tells.event),
    ({ runId }) => runId,
  );
  return [
    ...runs
      .filter(({ workflow }) => workflow === asks.asker)
      .flatMap(({ runId, status }) =>
        asks.questions.flatMap((question) => {
          const children = answered.get(`${runId} ${question}`)?.length ?? 0;
          const most = children > 1 || (children === 0 && status === "completed");
          return most ? [`${runId}: its question ${question} began ${children} runs`] : [];
        }),
      ),
    ...completed(tells.teller).flatMap(({ runId }) => {
      const ids = new Set((told.get(runId) ?? []).map(idOf)).size;
      return ids === 1 ? [] : [`${runId} published ${ids} events ${tells.event}`];
    }),
    ...[...told.keys()].flatMap((runId) =>
      tells.triggers.flatMap((trigger) => {
        const started = heard.get(`${runId} ${trigger}`)?.length ?? 0;
        return started === 1 ? [] : [`${runId}: its event started ${started} runs of trigger ${trigger}`];
      }),
    ),
    ...judgeWebhooks(webhooks, idsOf(events, webhooks.types)),
  ];
}

function judgeWebhooks({ received, taken }: Consequences["webhooks"], wanted: ReadonlySet<string>): readonly string[] {
  const bodies = Map.groupBy(received, ({ id }) => id);
  return [
    ...[...wanted].filter((id) => !taken.has(id)).map((id) => `event ${id} did not arrive at the receiver`),
    ...[...bodies.keys()].filter((id) => !wanted.has(id)).map((id) => `the receiver was sent event ${id}, which is none`),
    ...[...bodies].flatMap(([id, sent]) => {
      const texts = new Set(sent.map(({ body }) => body));
      const named = [...texts].map((text) => String((JSON.parse(text) as { id?: unknown }).id));
      if (texts.size > 1) return [`event ${id} was sent with ${texts.size} bodies`];
      return named.every((name) => name === id) ? [] : [`event ${named.join()} was sent under the id ${id}`];
    }),
  ];
}

function idOf({ runId, sequence }: StoredEvent): string {
  return `${runId}:${sequence}`;
}

/** Ids of the events of these types. */
export function idsOf(events: readonly StoredEvent[], types: readonly string[]): ReadonlySet<string> {
  return new Set(events.filter(({ type }) => types.includes(type)).map(idOf));
}
