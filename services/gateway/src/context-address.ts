import { CONTEXT_BUCKET_PATTERN } from "@openvibe/core";

/** Path parameters of shared context, for the OpenAPI document. */
export const BUCKET = {
  description: "The bucket's full name, such as context-leads.",
  schema: { type: "string", pattern: CONTEXT_BUCKET_PATTERN },
  example: "context-notes",
};

export const KEY = {
  description: "Up to 256 of A-Z, a-z, 0-9, _, = and -, with single dots between.",
  schema: { type: "string", pattern: "^[A-Za-z0-9_=-]+(\\.[A-Za-z0-9_=-]+)*$", maxLength: 256 },
  example: "hello",
};
