/** The reference page and the editor's schema, out of the table of settings; a test keeps what is committed equal to them. */
import { toEditorSchema } from "@openvibe/sdk/yaml";
import { z } from "zod";
import { rowOf, type Setting, VARIABLES } from "./settings.ts";

/** Where they stand, from the workspace's root. */
export const PAGE_PATH = "docs/configuration.md";
export const SCHEMA_PATH = "services/openvibe/openvibe.config.schema.json";
export const OPERATORS_SCHEMA_PATH = "services/openvibe/operators.schema.json";

const INTRO = `<!-- Written by \`pnpm config-docs\` from libs/composition/src/settings.ts; a test keeps it equal. -->

# Configuration

Flags and the options of \`serve\` and \`createRuntime\` go before the environment, the environment before the configuration file, the file before what
the program says with \`configure\` ([in code](embedding.md#defaults-in-code)), that before our defaults. All is read once, at the start.
What is wrong stops the start: the message names every wrong variable and every wrong line of the file, what is allowed, and the nearest right
name; never a value. An empty text counts as not given.

## The file

\`openvibe.config.ts\` (or \`.js\`, \`.yaml\`, \`.json\`) in the working folder, else the one that \`--config\` or \`OPENVIBE_CONFIG\` names:

\`\`\`ts
import { defineConfig } from "openvibe";

export default defineConfig({
  operators: ["operators/*.ts"],
  port: 8080,
  databaseUrl: { file: "/run/secrets/database_url" },
  keepRuns: "90d",
});
\`\`\`

\`\`\`yaml
# yaml-language-server: $schema=./node_modules/openvibe/openvibe.config.schema.json
operators: [operators/*.ts]
port: 8080
databaseUrl: { file: /run/secrets/database_url }
keepRuns: 90d
\`\`\`

Paths in it begin from its own folder, those in variables and flags from the working folder. Where a list is meant, one text with commas
does as well.

## Secrets

What is marked **secret** may be kept in a file of its own: \`{ file: "/run/secrets/x" }\` in the file, or the variable with \`_FILE\` behind it
(\`DATABASE_URL_FILE=/run/secrets/database_url\`). A line's end there counts for nothing. Secrets never stand in a log line or a message.

## Settings

| variable | in the file | default | what it is | allowed |
| --- | --- | --- | --- | --- |
`;

const OUTRO = `
\`serve(operator)\` in code logs from \`warn\` on, whatever the level, and serves the operators it is given. The commands that speak to a server read
\`OPENVIBE_URL\` and \`OPENVIBE_API_KEY\` ([commands](commands.md)); variables that begin with \`OPENVIBE_TEST_\` belong to the tests.
`;

export function toPage(): string {
  return `${INTRO}${VARIABLES.map((variable) => toLine(variable, rowOf(variable))).join("\n")}\n${OUTRO}`;
}

function toLine(variable: string, { key, fallback, byDefault = "none", about, type, secret }: Setting): string {
  const allowed = type.allowed.replaceAll("<", "&lt;").replaceAll("*", "\\*");
  const cells = [
    `\`${variable}\``,
    `\`${key}\``,
    fallback === undefined ? byDefault : `\`${fallback}\``,
    about + (secret === true ? " (**secret**)" : ""),
    allowed,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** JSON Schema, draft 7, which editors know best. */
export function toSchema(): string {
  const properties = Object.fromEntries(VARIABLES.map(rowOf).map((row) => [row.key, toProperty(row)]));
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "openvibe.config",
    type: "object",
    properties: { $schema: { type: "string" }, ...properties },
    additionalProperties: false,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Of operators in YAML; a server gives the same at `/v1/schemas/operators.json`. */
export function toOperatorsSchema(): string {
  return `${JSON.stringify(toEditorSchema(), null, 2)}\n`;
}

const SECRET_FILE = { type: "object", properties: { file: { type: "string" } }, required: ["file"], additionalProperties: false };

function toProperty({ type, about, fallback, secret }: Setting): object {
  const { $schema: _, ...value } = z.toJSONSchema(type.file, { io: "input", target: "draft-7" });
  return {
    description: `${about.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1")}: ${type.allowed}.`,
    ...(fallback === undefined ? {} : { default: value.type === "integer" ? Number(fallback) : fallback }),
    ...(secret === true ? { anyOf: [value, SECRET_FILE] } : value),
  };
}
