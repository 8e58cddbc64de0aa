import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseConfig } from "./config.ts";
import { VARIABLES } from "./index.ts";

const PAGE = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
const ROW = /^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$/gm;

interface Row {
  readonly name: string;
  readonly byDefault: string;
  readonly allowed: string;
}

const ROWS: readonly Row[] = [...PAGE.matchAll(ROW)].map(([, name = "", byDefault = "", allowed = ""]) => ({ name, byDefault, allowed }));
const codeOf = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
const defaultOf = (name: string) => codeOf(ROWS.find((row) => row.name === name)?.byDefault ?? "")[0];

describe("docs/configuration.md", () => {
  test("has a row for each variable, and none for another", () => {
    expect(ROWS.map(({ name }) => name).sort()).toEqual(VARIABLES.toSorted());
  });

  test("says the defaults that the code has", () => {
    const config = parseConfig({ DATABASE_URL: "postgres://127.0.0.1/x" });
    const embedded = parseConfig({});

    expect(config.host).toBe(defaultOf("OPENVIBE_HOST"));
    expect(String(config.port)).toBe(defaultOf("OPENVIBE_PORT"));
    expect(config.graphForm).toBe(defaultOf("OPENVIBE_GRAPH_FORM"));
    expect(config.logLevel).toBe(defaultOf("OPENVIBE_LOG_LEVEL"));
    expect(config.keepRunsMs).toBe(parseConfig({ OPENVIBE_KEEP_RUNS: defaultOf("OPENVIBE_KEEP_RUNS") }).keepRunsMs);
    expect(config.store).toMatchObject({ kind: "postgres", schema: defaultOf("OPENVIBE_NAMESPACE") });
    expect(embedded.store).toEqual({ kind: "sqlite", path: defaultOf("OPENVIBE_SQLITE_PATH") });
    expect([embedded.bus.kind, embedded.llm.kind]).toEqual(["memory", "echo"]);
  });

  test.each(["OPENVIBE_BUS", "OPENVIBE_STORE", "OPENVIBE_LLM", "OPENVIBE_GRAPH_FORM", "OPENVIBE_LOG_LEVEL"])(
    "names all that %s may be",
    (name) => {
      const choices = codeOf((ROWS.find((row) => row.name === name)?.allowed ?? "").replace(/\(.*\)/, ""));

      expect(() => parseConfig({ [name]: "nonsense" })).toThrow(new RegExp(`${name} must be ${choices.join(" or ")}$`));
    },
  );
});
