/** What follows from runs of the mix: at its partner, and at a receiver of webhooks. */
import type { StoredEvent, StoredRun } from "./checker.ts";
import { idsOf, judgeConsequences } from "./consequences.ts";
import { createClient } from "./e2e-client.ts";
import { CAUSED } from "./mix-operator.ts";
import type { WebhookReceiver } from "./webhook-receiver.ts";

/** The operators of a trial. */
export const MIX_FILES = ["tests/support/load-operator.ts", "tests/support/mix-operator.ts", "tests/support/partner-operator.ts"];
/** What the receiver is subscribed to. */
const TYPES = ["load.counted", CAUSED.event];

/** @throws when the server does not take the subscription */
export async function subscribe(url: string, receiver: WebhookReceiver): Promise<void> {
  const answer = await createClient(url).call("POST", "/v1/events/subscribe", { url: receiver.url, types: TYPES });
  if (answer.status !== 201) throw new Error(`the receiver is not subscribed: ${JSON.stringify(answer)}`);
}

/** Ids of the events that the receiver has to get. */
export function wantedOf(events: readonly StoredEvent[]): readonly string[] {
  return [...idsOf(events, TYPES)];
}

export function judgeMix(
  runs: readonly StoredRun[],
  events: readonly StoredEvent[],
  { received, taken }: WebhookReceiver,
): readonly string[] {
  return judgeConsequences({
    runs,
    events,
    asks: { asker: "mix.asking", answerer: "partner.answer", questions: CAUSED.questions },
    tells: { teller: "mix.telling", event: CAUSED.event, hearer: "partner.hear", triggers: CAUSED.triggers },
    webhooks: { types: TYPES, received, taken },
  });
}
