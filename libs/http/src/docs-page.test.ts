import { silentLogger } from "@openvibe/core";
import { createMetrics } from "@openvibe/telemetry";
import { expect, test } from "vitest";
import { createAuth } from "./auth.ts";
import { docsRoutes } from "./docs-page.ts";
import { createHttpServer } from "./http-server.ts";

async function openDocs() {
  const metrics = createMetrics({ processMetrics: false });
  const app = createHttpServer({ logger: silentLogger, metrics, auth: createAuth({ keys: ["ov_secret"] }) });
  await app.register(docsRoutes);
  return Object.assign(app, { [Symbol.asyncDispose]: () => app.close() });
}

test("the page and all it loads come from this server, without a key", async () => {
  await using app = await openDocs();

  const page = await app.inject("/docs");
  const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = ""]) => link).filter((link) => !link.startsWith("data:"));
  const loaded = await Promise.all(links.map(async (link) => await app.inject(new URL(link, "http://x/docs").pathname)));

  expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(links).toEqual(["docs/swagger-ui.css", "docs/swagger-ui-bundle.js", "docs/start.js"]);
  expect(loaded.map(({ statusCode, headers }) => [statusCode, headers["content-type"]])).toEqual([
    [200, "text/css; charset=utf-8"],
    [200, "text/javascript; charset=utf-8"],
    [200, "text/javascript; charset=utf-8"],
  ]);
  expect(loaded[1]?.body).toContain("SwaggerUIBundle");
  expect(loaded[2]?.body).toContain('url: "openapi.json"');
});

test("the policy lets the page load and ask nothing but this server", async () => {
  await using app = await openDocs();

  const policy = String((await app.inject("/docs")).headers["content-security-policy"]);

  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe-inline/);
});

test("a slash too many finds the page, too", async () => {
  await using app = await openDocs();

  const answer = await app.inject("/docs/");

  expect([answer.statusCode, new URL(String(answer.headers.location), "http://x/docs/").pathname]).toEqual([301, "/docs"]);
});
