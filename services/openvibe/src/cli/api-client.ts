import { readFile } from "node:fs/promises";
import { type JsonObject, OpenVibeError, PROBLEMS, type ProblemCode, type ProblemDetail } from "@openvibe/core";

export interface ApiOptions {
  readonly url: string;
  readonly apiKeyFile?: string;
}

export interface ApiClient {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** @throws OpenVibeError with the server's own code; OV_STORE_UNAVAILABLE when nobody answers at the address */
  call(method: string, path: string, body?: JsonObject, headers?: Record<string, string>): Promise<JsonObject>;
}

/** Speaks to a server as any other program would: over HTTP. */
export async function openApi({ url, apiKeyFile }: ApiOptions): Promise<ApiClient> {
  const key = apiKeyFile === undefined ? process.env.OPENVIBE_API_KEY : (await readFile(apiKeyFile, "utf8")).trim();
  const headers: Record<string, string> = key === undefined || key === "" ? {} : { authorization: `Bearer ${key}` };
  return {
    url,
    headers,
    async call(method, path, body, extra = {}) {
      const request = {
        method,
        headers: { ...headers, ...extra, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      };
      const response = await fetch(`${url}${path}`, request).catch((cause: unknown) => {
        throw new OpenVibeError(
          "OV_STORE_UNAVAILABLE",
          `no server answers at ${url}; start one with "openvibe dev" or "openvibe serve", or name another with --url`,
          { cause },
        );
      });
      const answer = (await response.json()) as JsonObject;
      if (!response.ok) throw toError(answer, `${method} ${path} answered ${response.status}`);
      return answer;
    },
  };
}

function toError(problem: JsonObject, fallback: string): OpenVibeError {
  const code = typeof problem.code === "string" && Object.hasOwn(PROBLEMS, problem.code) ? (problem.code as ProblemCode) : "OV_INTERNAL";
  return new OpenVibeError(code, typeof problem.detail === "string" ? problem.detail : fallback, {
    errors: (problem.errors ?? []) as unknown as readonly ProblemDetail[],
  });
}
