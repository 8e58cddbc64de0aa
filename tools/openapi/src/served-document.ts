import hello from "@openvibe/operators/hello";
import { serve } from "openvibe";

type Document = Readonly<Record<string, unknown>>;

/** What a server with all roles answers at `/openapi.json` and `/asyncapi.json`; they are the same whatever operators it serves. */
export async function servedDocuments(): Promise<{ readonly openapi: Document; readonly asyncapi: Document }> {
  const environment = process.env;
  process.env = {}; // no broker and no database that this shell may point at
  try {
    await using server = await serve(hello, { port: 0, store: ":memory:", foreground: false });
    const get = async (path: string) => (await (await fetch(`${server.url}${path}`)).json()) as Document;
    return { openapi: await get("/openapi.json"), asyncapi: await get("/asyncapi.json") };
  } finally {
    process.env = environment;
  }
}
