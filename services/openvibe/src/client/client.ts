import createFetchClient from "openapi-fetch";
import type { paths } from "./api.ts";
import type { Answer, Call, RequestInitOf } from "./calls.ts";
import { type EventFilter, type FollowOptions, follow, type StreamedEvent } from "./follow.ts";
import { assertJson, toProblemError } from "./problem-error.ts";

export interface ClientOptions {
  /** `http://127.0.0.1:8000`, or the path below which a proxy serves OpenVibe. */
  readonly baseUrl: string;
  /** Needed wherever the server has keys. */
  readonly apiKey?: string | undefined;
  /** Sent with every request, such as `traceparent`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The routes of docs/openapi.json, typed. What goes over the wire keeps its names. */
export interface Client {
  readonly GET: Call<"get">;
  readonly PUT: Call<"put">;
  readonly POST: Call<"post">;
  readonly PATCH: Call<"patch">;
  readonly DELETE: Call<"delete">;
  /** A request to an address that is made at run time; its answer has no type. @throws as the typed ones do */
  request(method: string, path: string, init?: RequestInitOf): Promise<Answer<unknown>>;
  /**
   * Stored events of all operators, from now on or after `lastEventId`. Comes back after every cut and misses nothing; `stream.reset` and
   * `stream.gap` say where that cannot be. Ends by `signal` only.
   * @throws ProblemError when the server refuses the stream
   */
  events(filter?: EventFilter, options?: FollowOptions): AsyncGenerator<StreamedEvent, void, void>;
  /** One run's events from its first one, live ones and the model's tokens included; ends after the event that ends the run. @throws as `events` */
  runEvents(operatorId: string, runId: string, options?: FollowOptions): AsyncGenerator<StreamedEvent, void, void>;
}

/** Speaks to an OpenVibe server over HTTP. Opens nothing: each request stands for itself. */
export function createClient({ baseUrl, apiKey, headers: more = {} }: ClientOptions): Client {
  const url = baseUrl.replace(/\/+$/, "");
  const headers = { ...more, ...(apiKey === undefined || apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` }) };
  const http = createFetchClient<paths>({ baseUrl: url, headers, redirect: "error" });
  http.use({
    async onResponse({ response, options }) {
      if (response.status >= 400) throw await toProblemError(response);
      if (options.parseAs === "json") assertJson(response);
    },
  });
  const client = http as unknown as Client; // refusals are thrown, so `data` is always there: openapi-fetch cannot know
  return {
    GET: client.GET,
    PUT: client.PUT,
    POST: client.POST,
    PATCH: client.PATCH,
    DELETE: client.DELETE,
    request: client.request,
    events: (filter = {}, options = {}) => follow(`${url}/v1/events/stream${toQuery(filter)}`, headers, options),
    runEvents: (operatorId, runId, options = {}) =>
      follow(`${url}/v1/operators/${encodeURIComponent(operatorId)}/runs/${encodeURIComponent(runId)}/stream`, headers, options, "run"),
  };
}

function toQuery(filter: EventFilter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) for (const each of [value ?? []].flat()) query.append(name, each);
  return query.size === 0 ? "" : `?${query}`;
}
