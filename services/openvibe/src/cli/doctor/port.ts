import { once } from "node:events";
import { createServer } from "node:net";
import { type Finding, failFinding, okFinding } from "@openvibe/core";

/** Whether `serve` would get its address. */
export async function examinePort(check: string, { host, port }: { readonly host: string; readonly port: number }): Promise<Finding> {
  if (port === 0) return okFinding(check, `serve takes any port of ${host} that is free`);
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, "listening");
    return okFinding(check, `${host}:${port} is free`);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const what =
      code === "EADDRINUSE" ? `${host}:${port} is taken by another process` : `${host}:${port} cannot be opened (${String(code)})`;
    return failFinding(check, what, {
      why: "serve would be refused",
      todo: "stop that process (unless it is your server), or choose another with OPENVIBE_PORT, OPENVIBE_OPS_PORT or OPENVIBE_HOST",
    });
  } finally {
    server.close();
  }
}
