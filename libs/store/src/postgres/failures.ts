/** What a failed statement says about asking again: see https://www.postgresql.org/docs/current/errcodes-appendix.html */
export type Failure =
  /** The same statement may succeed in a while. */
  | "passing"
  /** Something in the values is refused: the same statement without them may succeed. */
  | "data"
  | "lasting";

// Classes: connection exception, insufficient resources, operator intervention (shutdown, also our own statement_timeout).
const PASSING_CLASSES = new Set(["08", "53", "57"]);
// Serialization failure, deadlock, read-only (a standby before it takes over), lock not available.
const PASSING_CODES = new Set(["40001", "40P01", "25006", "55P03"]);
// Data exception, integrity constraint violation, program limit exceeded, internal error (such as "invalid memory alloc request size").
const DATA_CLASSES = new Set(["22", "23", "54"]);
const DATA_CODES = new Set(["XX000"]);
const NETWORK_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "EAI_AGAIN",
  "ENOTFOUND",
  "ERR_STREAM_DESTROYED",
]);
// `pg` gives these without a code.
const PASSING_TEXT =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client (has encountered a connection error|was closed)|Connection ended)/;

export function judgeFailure(thrown: unknown): Failure {
  // Several addresses of one host, each of which failed.
  if (thrown instanceof AggregateError) return thrown.errors.some((error) => judgeFailure(error) === "passing") ? "passing" : "lasting";
  if (!(thrown instanceof Error)) return "lasting";
  const { code } = thrown as { code?: unknown };
  if (typeof code !== "string") {
    if (PASSING_TEXT.test(thrown.message)) return "passing";
    return thrown instanceof TypeError || thrown instanceof RangeError ? "data" : "lasting";
  }
  if (PASSING_CODES.has(code) || NETWORK_CODES.has(code)) return "passing";
  if (DATA_CODES.has(code) || code === "ERR_OUT_OF_RANGE" || code === "ERR_STRING_TOO_LONG") return "data";
  if (code.length !== 5) return "lasting";
  if (PASSING_CLASSES.has(code.slice(0, 2))) return "passing";
  return DATA_CLASSES.has(code.slice(0, 2)) ? "data" : "lasting";
}
