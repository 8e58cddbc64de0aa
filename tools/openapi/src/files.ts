import { fileURLToPath } from "node:url";
import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import ts from "typescript";
import { servedDocuments } from "./served-document.ts";

export interface GeneratedFile {
  /** Relative to the workspace's root. */
  readonly path: string;
  readonly text: string;
}

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The files that are made of what a server serves: the contracts over HTTP and NATS, and the client's types. */
export async function generateFiles(): Promise<readonly GeneratedFile[]> {
  const { openapi: document, asyncapi } = await servedDocuments();
  // A copy: openapi-typescript writes into what it is given.
  const types = await openapiTS(structuredClone(document) as unknown as OpenAPI3, {
    inject: 'import type { JsonValue } from "@openvibe/core";\n',
    // TypeScript takes no interface's member that names itself; the type is the same.
    transform: (_schema, { path }) => (path === "#/components/schemas/Json" ? ts.factory.createTypeReferenceNode("JsonValue") : undefined),
  });
  return [
    { path: "docs/openapi.json", text: `${JSON.stringify(document, null, 2)}\n` },
    { path: "docs/asyncapi.json", text: `${JSON.stringify(asyncapi, null, 2)}\n` },
    {
      path: "services/openvibe/src/client/api.ts",
      text: `/** Made of docs/openapi.json by \`pnpm openapi\`. Not to be edited. */\n${astToString(types)}`,
    },
  ];
}
