import { OpenVibeError } from "@openvibe/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { pathOf } from "./problem-reply.ts";
import type { RouteDoc } from "./route-doc.ts";

export const HTTP_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

/** A route as it was registered: what is documented, and what a 405 may name. */
export interface ApiRoute {
  readonly method: string;
  /** With the prefix, parameters as `:name`. */
  readonly url: string;
  readonly doc: RouteDoc | undefined;
  /** Answers without an API key. */
  readonly open?: boolean;
}

/** Remembers every route that is registered from now on. */
export function collectRoutes(app: FastifyInstance): readonly ApiRoute[] {
  const routes: ApiRoute[] = [];
  app.addHook("onRoute", ({ method, url, config }) => {
    for (const each of [method].flat()) routes.push({ method: each, url, doc: config?.doc, open: config?.open === true });
  });
  return routes;
}

/** Why an address has no answer: another method would have one (405, with `Allow`), or there is nothing (404). */
export function toNotFound(routes: readonly ApiRoute[], request: FastifyRequest): OpenVibeError {
  const path = pathOf(request.url);
  const allow = [...new Set(routes.filter(({ url }) => toPattern(url).test(path)).map(({ method }) => method))].sort();
  if (allow.length === 0) return new OpenVibeError("OV_ROUTE_NOT_FOUND", `there is nothing at ${request.method} ${path.slice(0, 200)}`);
  return new OpenVibeError(
    "OV_METHOD_NOT_ALLOWED",
    `${request.method} is not allowed at ${path.slice(0, 200)}; allowed are ${allow.join(", ")}`,
    {
      extra: { allow },
    },
  );
}

function toPattern(url: string): RegExp {
  const parts = url.split("/").map((part) => (part.startsWith(":") ? "[^/]+" : part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  return new RegExp(`^${parts.join("/")}$`);
}
