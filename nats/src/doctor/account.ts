import type { JetStreamAccountStats } from "@nats-io/jetstream";
import { type Finding, failFinding, okFinding } from "@openvibe/core";
import { operatorConsumer } from "../consumers.ts";
import { shownBytes } from "../difference.ts";
import type { StreamWish } from "../streams.ts";

/** Whether what is declared fits into what the account may have. -1 and 0 stand for "no limit". */
export function examineAccount(account: JetStreamAccountStats, wishes: readonly StreamWish[], operators: number): readonly Finding[] {
  const { api, domain, limits } = account;
  const level = api.level === undefined ? "" : `, API level ${api.level}`;
  const enabled = okFinding("broker.jetstream", `JetStream is enabled${level}${domain === undefined ? "" : `, domain ${domain}`}`);
  const bytes = wishes.reduce((sum, { max_bytes = 0, num_replicas }) => sum + Math.max(0, max_bytes) * num_replicas, 0);
  const largest = Math.max(...wishes.map(({ max_bytes = 0 }) => max_bytes));
  const pending = operatorConsumer("any").max_ack_pending ?? 0;
  const faults: Finding[] = [];
  const need = (limit: number | undefined, needed: number, name: string, shown: (value: number) => string = String) => {
    if (limit === undefined || limit <= 0 || limit >= needed) return;
    faults.push(
      failFinding("broker.limits", `the account's ${name} is ${shown(limit)}, needed are ${shown(needed)}`, {
        why: "streams or consumers cannot be made, or messages are refused before their own limit",
        todo: `raise ${name} of the account, or declare less`,
      }),
    );
  };
  need(limits.max_storage, bytes, "max_storage", shownBytes);
  need(limits.storage_max_stream_bytes, largest, "storage_max_stream_bytes", shownBytes);
  need(limits.max_streams, wishes.length, "max_streams");
  need(limits.max_consumers, operators + 1, "max_consumers");
  need(limits.max_ack_pending, pending, "max_ack_pending");
  if (limits.max_bytes_required && wishes.some(({ max_bytes = -1 }) => max_bytes <= 0))
    faults.push(
      failFinding("broker.limits", "the account wants max_bytes on every stream", {
        why: "buckets have none, so none can be made",
        todo: "set max_bytes_required to false for the account",
      }),
    );
  return [enabled, ...(faults.length > 0 ? faults : [okFinding("broker.limits", "the account's limits leave room for what is declared")])];
}
