import type { StreamInfo } from "@nats-io/jetstream";
import { type Finding, failFinding, okFinding, warnFinding } from "@openvibe/core";
import { differences, shownBytes, surplus, toText } from "../difference.ts";
import type { StreamWish } from "../streams.ts";

const FULL = 0.8;
const APPLY = "run openvibe nats apply (openvibe nats plan shows what it would do)";

/** What the server keeps of a stream against what is declared: every field by its echo, copies, how full it is. */
export function examineStream(wish: StreamWish, found: StreamInfo | undefined): readonly Finding[] {
  const check = `broker.stream.${wish.name}`;
  if (found === undefined)
    return [
      failFinding(check, `there is no stream ${wish.name}`, {
        why: "nothing can be published to it; servers make it when they start",
        todo: APPLY,
      }),
    ];
  return [examineConfig(check, wish, found), ...examineCopies(check, found), ...examineFill(check, found)];
}

function examineConfig(check: string, wish: StreamWish, { config }: StreamInfo): Finding {
  const less = differences(wish, config);
  if (less.length > 0) {
    const fixed = less.some(({ changeable, narrows }) => !changeable || narrows);
    return failFinding(check, `${wish.name} differs from what is declared: ${toText(less)}`, {
      why: "promises rest upon these fields; an old server drops what it does not know",
      todo: fixed ? "rename or remove the stream, or see what openvibe nats plan --force would do" : APPLY,
    });
  }
  const more = surplus(wish, config);
  return okFinding(check, `${wish.name} is as declared${more.length === 0 ? "" : `, and has more: ${toText(more)}`}`);
}

function examineCopies(check: string, { config, cluster }: StreamInfo): readonly Finding[] {
  if (config.num_replicas === 1 || cluster === undefined) return [];
  if (cluster.leader === undefined || cluster.leader === "")
    return [
      failFinding(check, `${config.name} has no leader`, { why: "it takes and gives nothing", todo: "start the servers that are missing" }),
    ];
  const behind = (cluster.replicas ?? []).filter(({ current, offline = false }) => !current || offline);
  if (behind.length === 0) return [];
  const names = behind.map(({ name, offline = false }) => `${name} ${offline ? "is gone" : "is behind"}`).join(", ");
  return [
    warnFinding(check, `${behind.length} of ${config.num_replicas} copies of ${config.name} cannot take over: ${names}`, {
      why: "another loss may stop the stream",
      todo: "start that server, or wait until it has caught up",
    }),
  ];
}

/** A stream that keeps the oldest refuses what is new when it is full; others let the oldest go, as declared. */
function examineFill(check: string, { config, state }: StreamInfo): readonly Finding[] {
  if (config.discard !== "new" || config.max_bytes <= 0 || state.bytes < config.max_bytes * FULL) return [];
  return [
    warnFinding(check, `${config.name} holds ${shownBytes(state.bytes)} of at most ${shownBytes(config.max_bytes)}`, {
      why: "full, it refuses wake-ups with OV_BUS_FULL; runs then start when the sweep finds room",
      todo: "start more workers, or raise its max_bytes",
    }),
  ];
}
