/** What the served OpenAPI document says can be called, so that a new route is fuzzed without a word here. */
import type { JsonSchema } from "@openvibe/core";

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly schema: JsonSchema;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: JsonSchema | undefined;
}

export interface Api {
  readonly operations: readonly Operation[];
  readonly schemas: Readonly<Record<string, JsonSchema>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}
interface RawOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
}

/** Routes that the document does not list, being for those who run a server. */
const UNLISTED = ["/livez", "/readyz", "/metrics", "/openapi.json"];

export async function readApi(url: string): Promise<Api> {
  const { paths, components } = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  const listed = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: Object.values(requestBody?.content ?? {})[0]?.schema,
    })),
  );
  const known = new Set(listed.map(({ path }) => path));
  const unlisted = UNLISTED.filter((path) => !known.has(path)).map((path) => ({ method: "GET", path, parameters: [], body: undefined }));
  return { operations: [...listed, ...unlisted], schemas: components.schemas };
}
