import { readFile } from "node:fs/promises";
import { type JsonObject, messageOf, OpenVibeError, PROBLEMS, type ProblemCode, type ProblemDetail } from "@openvibe/core";
import { parseServerUrl } from "./flags.ts";

const DEFAULT_URL = "http://127.0.0.1:8000";

export interface ApiOptions {
  /** `OPENVIBE_URL` when absent, else this machine's port 8000. */
  readonly url?: string;
  /** `OPENVIBE_API_KEY` when absent. */
  readonly apiKeyFile?: string;
}

export interface ApiClient {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** @throws OpenVibeError with the server's own code; OV_STORE_UNAVAILABLE when no OpenVibe answers at the address */
  call(method: string, path: string, body?: JsonObject, headers?: Record<string, string>): Promise<JsonObject>;
}

/** Speaks to a server as any other program would: over HTTP. @throws OpenVibeError OV_PARAMETER_INVALID, OV_CONFIG_INVALID */
export async function openApi(options: ApiOptions): Promise<ApiClient> {
  const url = options.url ?? urlOfEnvironment();
  const key = options.apiKeyFile === undefined ? process.env.OPENVIBE_API_KEY : await readKey(options.apiKeyFile);
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
        throw nobodyThere(`no server answers at ${url}`, cause);
      });
      const answer = await response.json().catch((cause: unknown) => {
        throw nobodyThere(
          `what answers at ${url} is no OpenVibe server (${response.status}, ${response.headers.get("content-type")})`,
          cause,
        );
      });
      if (!response.ok) throw toError(answer as JsonObject, `${method} ${path} answered ${response.status}`);
      return answer as JsonObject;
    },
  };
}

function nobodyThere(what: string, cause: unknown): OpenVibeError {
  const next = `start one with "openvibe dev" or "openvibe serve", or name another with --url`;
  return new OpenVibeError("OV_STORE_UNAVAILABLE", `${what}; ${next}`, { cause });
}

function urlOfEnvironment(): string {
  const text = process.env.OPENVIBE_URL;
  if (text === undefined || text === "") return DEFAULT_URL;
  try {
    return parseServerUrl(text);
  } catch (cause) {
    throw new OpenVibeError("OV_CONFIG_INVALID", `OPENVIBE_URL is wrong. ${messageOf(cause)}`, { cause });
  }
}

async function readKey(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw new OpenVibeError("OV_PARAMETER_INVALID", `--api-key-file cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function toError(problem: JsonObject, fallback: string): OpenVibeError {
  const code = typeof problem.code === "string" && Object.hasOwn(PROBLEMS, problem.code) ? (problem.code as ProblemCode) : "OV_INTERNAL";
  return new OpenVibeError(code, typeof problem.detail === "string" ? problem.detail : fallback, {
    errors: (problem.errors ?? []) as unknown as readonly ProblemDetail[],
  });
}
