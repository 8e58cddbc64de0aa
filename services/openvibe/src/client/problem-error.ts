import { isPlainObject, type Problem, type ProblemCode, type ProblemDetail } from "@openvibe/core";

/** A server's refusal or failure (RFC 9457). Its members are named as on the wire, like everything else that comes from there. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  /** For programs; docs/errors.md lists them, and a newer server may know more. */
  readonly code: ProblemCode | (string & {});
  readonly status: number;
  /** For people; also the error's message. */
  readonly detail: string;
  /** What the server's log has it under; absent where something in between answered. */
  readonly request_id: string | undefined;
  /** Where in the request something is wrong. */
  readonly errors: readonly ProblemDetail[];
  /** Seconds to wait before the request is sent again (429, 503). */
  readonly retry_after: number | undefined;
  /** All that the server said; empty where something in between answered. */
  readonly problem: Readonly<Partial<Problem>>;
  /** Of the answer: `ETag` of a 412, `RateLimit` of a 429. */
  readonly headers: Headers;

  constructor({ status, headers }: Pick<Response, "status" | "headers">, problem: Readonly<Partial<Problem>>, fallback: string) {
    const detail = typeof problem.detail === "string" ? problem.detail : fallback;
    super(detail);
    this.detail = detail;
    this.status = status;
    this.headers = headers;
    this.problem = problem;
    this.code = typeof problem.code === "string" ? problem.code : codeOf(status);
    this.request_id = typeof problem.request_id === "string" ? problem.request_id : (headers.get("x-request-id") ?? undefined);
    this.errors = Array.isArray(problem.errors) ? problem.errors : [];
    const retryAfter = headers.get("retry-after");
    this.retry_after = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined;
  }
}

/** Reads an answer that is none of success. */
export async function toProblemError(response: Response): Promise<ProblemError> {
  const text = await response.text().catch(() => "");
  return new ProblemError(response, readProblem(text), `${response.url} answered ${response.status}: ${text.slice(0, 200)}`);
}

/** A page with 200, of a proxy that asks for a login, say, is none of our answers. @throws ProblemError OV_MEDIA_TYPE_UNSUPPORTED */
export function assertJson(response: Response): void {
  const type = response.headers.get("content-type");
  if (response.status === 204 || response.status === 304 || /^application\/([\w.-]+\+)?json\b/.test(type ?? "")) return;
  throw new ProblemError(response, {}, `${response.url} answered ${type ?? "without a Content-Type"}, not application/json`);
}

function readProblem(text: string): Readonly<Partial<Problem>> {
  try {
    const problem: unknown = JSON.parse(text);
    return isPlainObject(problem) ? problem : {};
  } catch {
    return {}; // a proxy's page, say
  }
}

/** Where no server of ours answered: a proxy that gave up does not say what became of the request. */
function codeOf(status: number): ProblemCode {
  if (status < 400) return "OV_MEDIA_TYPE_UNSUPPORTED";
  return status >= 500 ? "OV_OUTCOME_UNKNOWN" : "OV_REQUEST_INVALID";
}
