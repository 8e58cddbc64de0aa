import { isFinal, isTerminalEventType, type LiveEvent, type OperatorId, type RunId } from "@openvibe/core";
import type { SseWriter } from "@openvibe/http";
import { gapFrame, liveFrame } from "./control-frames.ts";
import { Follower } from "./follower.ts";
import type { RelayParts } from "./relay-parts.ts";
import type { Start } from "./resume.ts";
import type { RingEntry } from "./ring-entry.ts";

export interface RunStreamOptions extends RelayParts {
  readonly writer: SseWriter;
  readonly start: Start;
  readonly operatorId: OperatorId;
  readonly runId: RunId;
  /** Whether the client wants the run from its first event, so that one whose beginning is purged is a gap. */
  readonly fromFirst: boolean;
}

const MAX_HELD = 500;

/** Stored events of one run out of the log, live ones between them as they come, until the run's terminal event. */
export class RunStream {
  readonly #options: RunStreamOptions;
  readonly #follower: Follower;
  #sawFirst: boolean;
  /** Live events that came while stored ones from before were still being sent; `undefined` once they flow. */
  #held: LiveEvent[] | undefined = [];

  constructor(options: RunStreamOptions) {
    this.#options = options;
    this.#sawFirst = !options.fromFirst;
    this.#follower = new Follower({
      ...options,
      filter: { operatorId: options.operatorId, runId: options.runId },
      deliver: (entry) => this.#deliver(entry),
      onCaughtUp: () => this.#caughtUp(),
    });
  }

  async run(): Promise<void> {
    const { signals, operatorId, runId, writer, logger } = this.#options;
    let ear: Disposable | undefined;
    try {
      ear = await signals.onLive({ operatorId, runId }, (event) => this.#hear(event));
    } catch (error) {
      // Nothing rests on live events; the stored ones tell the whole story.
      logger.warn({ err: error, run_id: runId }, "live events of a run cannot be heard");
    }
    await this.#follower.run();
    await writer.ended;
    ear?.[Symbol.dispose]();
  }

  heartbeat(): Buffer {
    return this.#follower.heartbeat();
  }

  #hear(event: LiveEvent): void {
    if (this.#held === undefined) this.#options.writer.send(liveFrame(event));
    else if (this.#held.push(event) > MAX_HELD) this.#held.shift(); // live events are numbered: a reader sees what is missing
  }

  #deliver(entry: RingEntry): void {
    const { writer, clock, hub } = this.#options;
    // No id: it belongs to the event that follows.
    if (!this.#sawFirst && entry.sequence !== 0) writer.send(gapFrame(clock, hub.cursorAt(entry.position, entry.digest), null));
    this.#sawFirst = true;
    writer.send(entry.frame);
    if (isTerminalEventType(entry.type)) void writer.close();
  }

  async #caughtUp(): Promise<void> {
    if (await this.#hasLostItsEnd()) {
      const { writer, clock, hub } = this.#options;
      writer.send(gapFrame(clock, hub.lastCursor));
      void writer.close();
      return;
    }
    for (const event of this.#held ?? []) this.#options.writer.send(liveFrame(event));
    this.#held = undefined;
  }

  /** A run that ended so long ago that the log has forgotten its last event: nothing more will ever come. */
  async #hasLostItsEnd(): Promise<boolean> {
    const { runs, log, runId } = this.#options;
    const found = await runs.findOutbox(runId);
    if (found === undefined) return true; // the run itself was purged
    if (!isFinal(found.run.status) || found.outbox.events.length > 0) return false;
    // Asked last: what is in the log by now is on its way to this stream.
    const last = await log.lastOf(runId);
    return last === undefined || !isTerminalEventType(last.event.type);
  }
}
