/** What a loopback answers: a string is the model's text, everything else says exactly what goes over the wire. */
export type AnthropicReply = string | AnthropicAnswer | RawAnswer | AnthropicMisbehaviour;

/** A proper answer. */
export interface AnthropicAnswer {
  readonly text: string;
  /** The model that is said to have answered; the one asked for by default. */
  readonly model?: string;
  /** `end_turn` by default. */
  readonly stopReason?: string | null;
  /** Written as it is, also when it is nonsense; an estimate of about four characters a token by default. `null` leaves it out. */
  readonly usage?: Readonly<Record<string, unknown>> | null;
  /** Time between the events of a streamed answer, in milliseconds; 0 by default. */
  readonly eventEveryMs?: number;
}

/** Bytes as given, for answers that no vendor should give. */
export interface RawAnswer {
  /** 200 by default. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly rawBody: string | Uint8Array;
}

export type AnthropicMisbehaviour =
  /** Never goes on: without a word, or once the headers and a first part of the body are out. */
  | { readonly hang: "before_headers" | "in_body" }
  /** Begins the body and sends one more byte in this interval, for ever. Milliseconds. */
  | { readonly dripEveryMs: number }
  /** Half of a proper answer, then a tidy end of the body or a destroyed socket. */
  | { readonly cut: "tidy" | "socket"; readonly text: string }
  /** Destroys the socket instead of answering. */
  | { readonly closeSocket: true };

const STATUS_OF = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
} as const;

export type AnthropicErrorType = keyof typeof STATUS_OF;

let errors = 0;

/** An error in the vendor's shape, with the status that belongs to its type. */
export function anthropicError(type: AnthropicErrorType, message: string, headers: Readonly<Record<string, string>> = {}): RawAnswer {
  const requestId = `req_loopback_${++errors}`;
  return {
    status: STATUS_OF[type],
    headers: { "content-type": "application/json", "request-id": requestId, ...headers },
    rawBody: JSON.stringify({ type: "error", error: { type, message }, request_id: requestId }),
  };
}
