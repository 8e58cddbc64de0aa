import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { FastifyPluginAsync } from "fastify";

const require = createRequire(import.meta.url);

// Of the package only these two files are used: the plugin around them would ask for a second generator of the document.
const ASSETS = [
  { name: "swagger-ui.css", type: "text/css; charset=utf-8", file: require.resolve("@fastify/swagger-ui/static/swagger-ui.css") },
  {
    name: "swagger-ui-bundle.js",
    type: "text/javascript; charset=utf-8",
    file: require.resolve("@fastify/swagger-ui/static/swagger-ui-bundle.js"),
  },
];

// A file of its own, so that the policy need not allow scripts inside the page. Links are relative: a proxy may serve us below a path.
const START = `SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  deepLinking: true,
  validatorUrl: null,
  requestSnippetsEnabled: true,
  docExpansion: "list",
});
`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>OpenVibe API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

/** Nothing from elsewhere, and requests to this server only. Swagger UI sets inline styles and draws its icons from `data:`. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const SECURITY = { "content-security-policy": POLICY, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };
const DAY = "public, max-age=86400";

/** `GET /docs`: the OpenAPI document as a page to read and to try requests with. Works offline, and without a key: the page asks for one. */
export const docsRoutes: FastifyPluginAsync = async (app) => {
  const open = { config: { open: true } };
  app.get("/docs", open, async (_request, reply) => reply.headers({ ...SECURITY, "content-type": "text/html; charset=utf-8" }).send(PAGE));
  // The page's links are relative to `/docs`.
  app.get("/docs/", open, async (_request, reply) => reply.redirect("../docs", 301));
  app.get("/docs/start.js", open, async (_request, reply) =>
    reply.headers({ ...SECURITY, "content-type": "text/javascript; charset=utf-8" }).send(START),
  );
  for (const { name, type, file } of ASSETS) {
    app.get(`/docs/${name}`, open, async (_request, reply) =>
      reply.headers({ ...SECURITY, "content-type": type, "cache-control": DAY }).send(await readFile(file)),
    );
  }
};
