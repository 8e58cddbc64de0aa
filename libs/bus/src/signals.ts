import type { ControlVerb, DeadLetterReason, JsonObject, LiveEvent, OperatorId, RunId } from "@openvibe/core";

export interface ControlSignal {
  readonly operatorId: OperatorId;
  readonly verb: ControlVerb;
  readonly runId: RunId;
  readonly body: JsonObject;
}

/** What is told to whoever listens now: not stored, may be lost, takes no answer. Nothing rests on its coming but speed. */
export interface Signals {
  control(signal: ControlSignal): void;
  /** Hears one verb of one operator (or of all), of one run (or of all). Resolves once the listener is set up. */
  onControl(
    filter: { readonly operatorId?: OperatorId; readonly verb: ControlVerb; readonly runId?: RunId },
    hear: (signal: ControlSignal) => void,
  ): Promise<Disposable>;
  live(event: LiveEvent): void;
  onLive(filter: { readonly operatorId?: OperatorId; readonly runId?: RunId }, hear: (event: LiveEvent) => void): Promise<Disposable>;
  /** Says that this instance serves an operator. */
  heartbeat(operatorId: OperatorId, body: JsonObject): void;
  /** A message that belongs to no run, for people to look at. Stored where the bus can; resolves once it is. Never throws. */
  deadLetter(letter: {
    readonly operatorId: OperatorId | null;
    readonly reason: DeadLetterReason;
    readonly body: JsonObject;
  }): Promise<void>;
}
