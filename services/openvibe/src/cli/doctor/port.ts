import { once } from "node:events";
import { createServer } from "node:net";
import { type Finding, failFinding, okFinding } from "@openvibe/core";

/** Whether `serve` would get its address. */
export async function examinePort({ host, port }: { readonly host: string; readonly port: number }): Promise<Finding> {
  if (port === 0) return okFinding("http.port", `serve takes any port of ${host} that is free`);
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, "listening");
    return okFinding("http.port", `${host}:${port} is free`);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const what =
      code === "EADDRINUSE" ? `${host}:${port} is taken by another process` : `${host}:${port} cannot be opened (${String(code)})`;
    return failFinding("http.port", what, {
      why: "serve would be refused",
      todo: "stop that process (unless it is your server), or choose another with --port, OPENVIBE_PORT or OPENVIBE_HOST",
    });
  } finally {
    server.close();
  }
}
