import type { JsonObject, OperatorId, RunId } from "@openvibe/core";

/** An event as it is kept for those who wait, and what it is found by (`matchKeyOf`). */
export interface EventToKeep {
  readonly id: string;
  readonly type: string;
  readonly matchKeys: readonly string[];
  /** The CloudEvent, its data inside. */
  readonly event: JsonObject;
}

/** One wait of one run. */
export interface WaitAddress {
  readonly runId: RunId;
  /** Steps that the run had committed when the wait began: no other wait of it has the same number. */
  readonly step: number;
}

export interface EventWait extends WaitAddress {
  /** The run's wake number while it waits. */
  readonly wake: number;
  /** Events kept before this are not looked at; milliseconds since 1970, by the store's clock. */
  readonly since: number;
  readonly events: readonly { readonly type: string; readonly matchKey: string }[];
  /** The fields that the match keys are made of; none by default. */
  readonly fields?: readonly string[];
  /** How many of the types have to come. */
  readonly needed: number;
  /** An event that never counts: the one that started the run. */
  readonly except?: string;
}

export interface ArrivedEvent {
  readonly type: string;
  readonly event: JsonObject;
}

/**
 * Which runs wait for which events, and the events of the types that somebody waits for (DESIGN §4). A wait is written first, then looks back; an event is
 * kept first, then looks for who waits: so that none of the two misses the other, whoever dies in between. Of one type a wait gets one event, the one that came
 * first; an event that a run was given is not given to it again.
 */
export interface EventWaitStore {
  /** The same event again changes nothing, and marks whoever has come to wait meanwhile. */
  keep(event: EventToKeep): Promise<void>;
  /** Begins a wait and looks back; gives what has arrived. The same wait again changes nothing else. */
  open(wait: EventWait): Promise<readonly ArrivedEvent[]>;
  /** Ends a wait and gives what it got: with `empty` nothing, and what had arrived is left to later waits. The same again gives the same. */
  close(wait: WaitAddress & { readonly empty: boolean }): Promise<readonly ArrivedEvent[]>;
  /** What is waited for now, whatever the operators' present versions say: types, each with the fields by which it is matched. */
  findWaited(): Promise<readonly { readonly type: string; readonly fields: readonly string[] }[]>;
  /** Runs that wait though enough has arrived. */
  findReady(limit: number): Promise<readonly { readonly runId: RunId; readonly operatorId: OperatorId; readonly wake: number }[]>;
}
