import type { EventLog, Signals } from "@openvibe/bus";
import type { Clock, Logger } from "@openvibe/core";
import type { RunStore } from "@openvibe/store";
import type { History } from "./history.ts";
import type { EventHub } from "./hub.ts";
import type { KnownOperators } from "./known-operators.ts";
import type { OpenStreams } from "./open-streams.ts";

/** Breaks a promise on purpose, so that a test can be seen to notice. */
export interface RelayFaults {
  /** Every client begins with what happens now. */
  readonly ignoreLastEventId?: boolean;
}

/** What the relay's routes share. */
export interface RelayParts {
  readonly hub: EventHub;
  readonly history: History;
  readonly log: EventLog;
  readonly signals: Signals;
  readonly runs: Pick<RunStore, "find" | "findOutbox">;
  readonly known: KnownOperators;
  readonly streams: OpenStreams;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults?: RelayFaults | undefined;
}
