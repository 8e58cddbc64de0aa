import type { Socket } from "node:net";
import { OpenVibeError, PROBLEMS, toProblem } from "@openvibe/core";
import { newRequestId } from "./request-id.ts";
import { HTTP_METHODS } from "./route-table.ts";

/** Who begins with a line this long sends an address that is too long, not too many headers. */
const HEAD_BYTES = 8_192;

/** What Node knows of it; `rawPacket` is what arrived last. */
type ClientError = NodeJS.ErrnoException & { readonly rawPacket?: unknown };

/** Answers what is no HTTP request, or one that did not arrive in time, with a problem, and closes the connection. */
export function answerClientError(error: ClientError, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable || answerHasBegun(socket)) {
    socket.destroy();
    return;
  }
  const problem = toClientProblem(error);
  const requestId = newRequestId();
  const { status } = PROBLEMS[problem.code];
  const body = JSON.stringify({ ...toProblem(problem), request_id: requestId });
  const head = [
    `HTTP/1.1 ${status} ${PROBLEMS[problem.code].title}`,
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    ...(problem.code === "OV_METHOD_NOT_ALLOWED" ? [`allow: ${HTTP_METHODS.join(", ")}`] : []),
    "connection: close",
  ];
  // What the client still sends is not read: without the destroy its connection would stay.
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

/** Bytes of an answer already on their way would be mixed with ours. */
function answerHasBegun(socket: Socket): boolean {
  return (socket as Socket & { readonly _httpMessage?: { readonly headersSent?: boolean } | null })._httpMessage?.headersSent === true;
}

function toClientProblem({ code, rawPacket }: ClientError): OpenVibeError {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new OpenVibeError("OV_REQUEST_TIMEOUT", "the request did not arrive in time");
    case "HPE_HEADER_OVERFLOW":
      if (Buffer.isBuffer(rawPacket) && /^[A-Z]+ [^\r\n]*$/.test(rawPacket.toString("latin1", 0, HEAD_BYTES)))
        return new OpenVibeError("OV_URI_TOO_LONG", "the address is longer than allowed");
      return new OpenVibeError("OV_HEADERS_TOO_LARGE", "the address and headers together are larger than allowed");
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new OpenVibeError("OV_BODY_TOO_LARGE", "the extensions of a chunk are larger than allowed");
    case "HPE_INVALID_METHOD":
      return new OpenVibeError(
        "OV_METHOD_NOT_ALLOWED",
        `the request does not begin with a known method; known are ${HTTP_METHODS.join(", ")}`,
      );
    default:
      return new OpenVibeError("OV_REQUEST_INVALID", `the request is not valid HTTP/1.1${code === undefined ? "" : ` (${code})`}`);
  }
}
