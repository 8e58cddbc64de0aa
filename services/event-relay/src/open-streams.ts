import { type Logger, OpenVibeError } from "@openvibe/core";
import { ANYONE, type SseEnd, SseWriter, type SseWriterOptions } from "@openvibe/http";
import type { Metrics } from "@openvibe/telemetry";
import type { FastifyReply, FastifyRequest } from "fastify";

export interface OpenStreamsOptions {
  readonly logger: Logger;
  readonly metrics?: Pick<Metrics, "sseClients" | "sseClientDropped">;
  /** Of this process; default 5,000. */
  readonly maxStreams?: number;
  /** Of one API key; default 100. Where no key is needed all callers are one, and only `maxStreams` counts. */
  readonly maxStreamsPerKey?: number;
  /** Heartbeat, stall time and bounds of each stream. */
  readonly writer?: SseWriterOptions;
}

const DEFAULT_MAX_STREAMS = 5_000;
const DEFAULT_MAX_PER_KEY = 100;
// A client that does not even take the end is cut: a drain has better things to wait for.
const DRAIN_MS = 2_000;
const DROPS: ReadonlySet<SseEnd> = new Set(["overflow", "stalled", "failed"]);

/** Every stream this process has open: how many there may be, and how they all end. */
export class OpenStreams {
  readonly #options: OpenStreamsOptions;
  readonly #open = new Map<SseWriter, string>();
  #accepts = false;

  constructor(options: OpenStreamsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#open.size;
  }

  get isAccepting(): boolean {
    return this.#accepts;
  }

  /** Before this, as after `drain`, a client gets a stream that ends at once. */
  accept(): void {
    this.#accepts = true;
  }

  /** @throws OpenVibeError OV_TOO_MANY_STREAMS */
  assertRoom({ principal }: FastifyRequest): void {
    const { maxStreams = DEFAULT_MAX_STREAMS, maxStreamsPerKey = DEFAULT_MAX_PER_KEY } = this.#options;
    if (this.#open.size >= maxStreams) throw tooMany(`this server has ${maxStreams} streams open`);
    if (principal === ANYONE || this.#open.size < maxStreamsPerKey) return;
    const ofKey = [...this.#open.values()].filter((holder) => holder === principal).length;
    if (ofKey >= maxStreamsPerKey) throw tooMany(`this API key has ${maxStreamsPerKey} streams open`);
  }

  /** Takes the reply out of Fastify's hands. @throws OpenVibeError OV_TOO_MANY_STREAMS */
  open(request: FastifyRequest, reply: FastifyReply, options: Pick<SseWriterOptions, "id" | "heartbeat"> = {}): SseWriter {
    this.assertRoom(request);
    reply.hijack();
    const { logger, metrics, writer: defaults } = this.#options;
    const writer = new SseWriter(reply.raw, { ...defaults, ...options, headers: reply.getHeaders() });
    this.#open.set(writer, request.principal);
    metrics?.sseClients(1);
    const startedAt = performance.now();
    void writer.ended.then((end) => {
      this.#open.delete(writer);
      metrics?.sseClients(-1);
      const fields = {
        request_id: request.id,
        url: request.url.split("?")[0],
        reason: end,
        open_ms: Math.round(performance.now() - startedAt),
      };
      if (!DROPS.has(end)) return logger.debug(fields, "stream ended");
      metrics?.sseClientDropped(end);
      logger.warn(fields, "stream dropped");
    });
    if (!this.#accepts) void writer.close({ retryMs: retrySoon() }); // the drain began while its start was looked for
    return writer;
  }

  /** A stream that only says when to come back: to another replica, most likely. Never a 503, which would end an EventSource for good. */
  turnAway(reply: FastifyReply): void {
    reply.hijack();
    void new SseWriter(reply.raw, { ...this.#options.writer, headers: reply.getHeaders(), retryMs: retrySoon() }).close();
  }

  /** Ends every stream cleanly, each with a time of its own to come back; resolves when all are gone. */
  async drain(): Promise<void> {
    this.#accepts = false;
    await Promise.all([...this.#open.keys()].map((writer) => writer.close({ retryMs: retrySoon(), withinMs: DRAIN_MS })));
  }
}

function tooMany(what: string): OpenVibeError {
  return new OpenVibeError("OV_TOO_MANY_STREAMS", `${what}, which is all it may have: close one, or try again later`, {
    retryAfterMs: 5_000,
  });
}

/** Spread over two seconds, so that the clients of one process do not all come back at once. */
function retrySoon(): number {
  return 1_000 + Math.random() * 2_000;
}
