import type { FastifyInstance } from "fastify";

const LOOK_EVERY_MS = 50;

/**
 * Fastify closes the connections that are idle when the server begins to close. One whose request is answered later is kept alive for its client's
 * next, and would hold the server open until it is given up.
 */
export function closeIdleWhileClosing(app: FastifyInstance): void {
  app.addHook("preClose", async () => {
    if (!app.server.listening) return;
    const timer = setInterval(() => app.server.closeIdleConnections(), LOOK_EVERY_MS);
    app.server.once("close", () => clearInterval(timer));
  });
}
