import { readFile } from "node:fs/promises";
import { type JsonObject, messageOf, OpenVibeError, PROBLEMS, type ProblemCode } from "@openvibe/core";
import { createClient, ProblemError } from "../client/index.ts";
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
  const client = createClient({ baseUrl: url, headers });
  return {
    url,
    headers,
    async call(method, path, body, extra = {}) {
      const { data } = await client.request(method, path, { headers: extra, body }).catch((error: unknown) => {
        throw toError(error, url);
      });
      return data as JsonObject;
    },
  };
}

function toError(error: unknown, url: string): OpenVibeError {
  if (!(error instanceof ProblemError)) return nobodyThere(`no server answers at ${url}`, error);
  const { code, status, headers, problem, detail, errors } = error;
  if (problem.code === undefined)
    return nobodyThere(`what answers at ${url} is no OpenVibe server (${status}, ${headers.get("content-type")})`, error);
  return new OpenVibeError(Object.hasOwn(PROBLEMS, code) ? (code as ProblemCode) : "OV_INTERNAL", detail, { errors, cause: error });
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
