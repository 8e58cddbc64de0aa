import type { OperatorId, RunId } from "@openvibe/core";

/** Which event of which run. */
export interface EventAddress {
  readonly operatorId: OperatorId;
  readonly runId: RunId;
  readonly sequence: number;
}

/** Data of events that is too large to travel with them; kept longer than any event log keeps the event, whatever becomes of the run. */
export interface EventDataStore {
  /** `data` is JSON text. The same again changes nothing but how long it is kept. @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_RUN_UNSTORABLE */
  put(address: EventAddress, data: string): Promise<void>;
  /** The JSON text; `undefined` where there is none (any more). @throws OpenVibeError OV_STORE_UNAVAILABLE */
  find(address: EventAddress): Promise<string | undefined>;
}
