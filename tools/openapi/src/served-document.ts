import hello from "@openvibe/operators/hello";
import { serve } from "openvibe";

/** What a server with all roles answers at `/openapi.json`; it is the same whatever operators it serves. */
export async function servedDocument(): Promise<Readonly<Record<string, unknown>>> {
  const environment = process.env;
  process.env = {}; // no broker and no database that this shell may point at
  try {
    await using server = await serve(hello, { port: 0, store: ":memory:", foreground: false });
    const response = await fetch(`${server.url}/openapi.json`);
    return (await response.json()) as Readonly<Record<string, unknown>>;
  } finally {
    process.env = environment;
  }
}
