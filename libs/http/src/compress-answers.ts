import { brotliCompress, constants, gzip, type InputType } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { addVary } from "./vary.ts";
import { parseWeights } from "./weights.ts";

/** Below this compressing costs more time than it saves on the wire. Most single runs are smaller. */
export const COMPRESS_FROM_BYTES = 2_048;
const COMPRESSIBLE = /^(?:application\/(?:[\w.-]+\+)?json|text\/(?:html|css|javascript|plain))\b/;

// The best that is still faster than a local network: quality 4 instead of 11, which is for files that are compressed once.
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

type Coding = "br" | "gzip";
type Done = (error: Error | null, bytes: Buffer) => void;
const COMPRESS: Readonly<Record<Coding, (bytes: InputType, done: Done) => void>> = {
  br: (bytes, done) => brotliCompress(bytes, BROTLI, done),
  gzip: (bytes, done) => gzip(bytes, done),
};

/**
 * Compresses larger answers for clients that accept it. Streams of events are not Fastify's to send and stay as they are. An entity tag stays, too:
 * it names the revision of an entry, which is the same in every coding.
 */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook("onSend", (request, reply, payload, done) => {
    if (!(typeof payload === "string" || Buffer.isBuffer(payload)) || payload.length < COMPRESS_FROM_BYTES) return done(null, payload);
    if (!COMPRESSIBLE.test(String(reply.getHeader("content-type")))) return done(null, payload);
    addVary(reply, "Accept-Encoding");
    const coding = findCoding(request.headers["accept-encoding"]);
    if (coding === undefined) return done(null, payload);
    COMPRESS[coding](payload, (error, bytes) => {
      if (error !== null) return done(null, payload); // as it is, then
      reply.removeHeader("content-length").header("content-encoding", coding);
      done(null, bytes);
    });
  });
}

/** What the client likes best of what we have, brotli among equals; `undefined` where it likes the plain answer better, or says nothing. */
function findCoding(accepted: string | string[] | undefined): Coding | undefined {
  if (accepted === undefined) return undefined;
  const weights = parseWeights([accepted].flat().join(","));
  const weightOf = (coding: string) => weights.get(coding) ?? weights.get("*") ?? 0;
  const best = weightOf("br") >= weightOf("gzip") ? "br" : "gzip";
  return weightOf(best) > 0 && weightOf(best) >= (weights.get("identity") ?? 0) ? best : undefined;
}
