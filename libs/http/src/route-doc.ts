import type { JsonSchema, ProblemCode } from "@openvibe/core";
import type { ZodType } from "zod";
import type { Scope } from "./api-key.ts";
import type { Parameters } from "./query.ts";

/** What the OpenAPI document says about a route; stands in the route's `config.doc`. */
export interface RouteDoc {
  /** `operationId`: unique, snake_case. */
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Of path parameters that are no ids; an id needs no words. */
  readonly params?: Readonly<Record<string, ParameterDoc>>;
  /** The same object that `parseQuery` reads with. */
  readonly query?: Parameters;
  /** Request headers: name -> what it does, and what it may be where not every text will do. */
  readonly headers?: Readonly<Record<string, string | ParameterDoc>>;
  readonly body?: ZodType;
  /** Bodies of other media types that are taken beside JSON: media type -> body. */
  readonly bodies?: Readonly<Record<string, ZodType>>;
  /** Whether the body may be left out. */
  readonly bodyOptional?: boolean;
  /** By status. */
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Problems that are particular to this route; the general ones are told once. */
  readonly problems?: readonly ProblemCode[];
}

export interface ParameterDoc {
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example?: string;
}

export interface RouteAnswer {
  readonly description: string;
  readonly body?: ZodType;
  /** `application/json` by default. `text/event-stream` needs no body: all streams carry CloudEvents. */
  readonly mediaType?: string;
  /** Media types of the same told as text, for those who ask for one. */
  readonly texts?: readonly string[];
  /** Response headers: name -> what it says. */
  readonly headers?: Readonly<Record<string, string>>;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the OpenAPI document says about the route. */
    readonly doc?: RouteDoc;
    /** Answers without an API key, for probes. */
    readonly open?: boolean;
    /** What a key must be for; `read` for GET and HEAD, else `run`. */
    readonly scope?: Scope;
    /**
     * A key that is for some operators may ask here although the address names none: what the route tells of others, it leaves out.
     * Without it such a key is refused, so that a route nobody thought of tells nothing.
     */
    readonly leavesOutOthers?: boolean;
    /** Not counted by the rate limit, for machines that watch the service. */
    readonly unlimited?: boolean;
  }
}
