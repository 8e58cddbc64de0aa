import type { ControlVerb, OperatorId, RunId } from "@openvibe/core";

/** The names of everything on the server, all below one namespace. Ids hold no `:` and no `*`. */
export class Keys {
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** The event log: a stream whose ids are `0-<position>`. */
  get events(): string {
    return this.#of("events");
  }

  /** A list: position of the run's terminal event or 0, its highest sequence or -1, then the positions of its events. */
  eventsOf(runId: RunId): string {
    return this.#of("events", "run", runId);
  }

  get deadLetters(): string {
    return this.#of("dead_letters");
  }

  /** Of one operator: the stream that is taken from, the place of each wake-up by its name, and those that wait, by when they are due. */
  activations(operatorId: OperatorId): { readonly stream: string; readonly lying: string; readonly delayed: string } {
    const stream = this.#of("activations", operatorId);
    return { stream, lying: `${stream}:lying`, delayed: `${stream}:delayed` };
  }

  /** Of one bucket: its entries, its lifetime, the stream of its changes, whose ids are `0-<revision>`, and that stream's epoch. */
  bucket(name: string): { readonly entries: string; readonly made: string; readonly changes: string; readonly epoch: string } {
    const entries = this.#of("bucket", name);
    return { entries, made: `${entries}:made`, changes: `${entries}:changes`, epoch: `${entries}:epoch` };
  }

  /** Where the lifetimes of buckets lie whose names begin so, as a pattern. */
  lifetimesOf(prefix: string): string {
    return `${this.#of("bucket", prefix)}*:made`;
  }

  /** The bucket whose lifetime lies there. */
  bucketOf(made: string): string {
    return made.slice(this.#of("bucket", "").length, -":made".length);
  }

  control(verb: ControlVerb, runId: RunId): string {
    return this.#of("control", verb, runId);
  }

  live(runId: RunId): string {
    return this.#of("live", runId);
  }

  heartbeat(operatorId: OperatorId): string {
    return this.#of("heartbeat", operatorId);
  }

  /** Each who answers has a channel of his own. */
  request(operatorId: OperatorId, capability: string, token: string): string {
    return this.#of("request", `${operatorId}.${capability}`, token);
  }

  reply(token: string): string {
    return this.#of("reply", token);
  }

  #of(...words: string[]): string {
    return [this.#namespace, ...words].join(":");
  }
}
