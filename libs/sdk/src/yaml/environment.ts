import { meant } from "./field-uses.ts";
import type { Path, YamlSource } from "./source.ts";

/** Where `${…}` is the author's own text: it goes to a model, to people, or is a condition. */
const OWN_TEXT = new Set(["system", "prompt", "description", "when", "while", "until", "default"]);
const PLACEHOLDER = /\$\{([^}]*)\}/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Puts variables of the environment where `${NAME}` stands; `undefined` where there is no environment, as in what came over HTTP.
 * @throws OpenVibeError OV_DEFINITION_INVALID naming variable and line, never a value
 */
export function fillEnvironment(source: YamlSource, env: Readonly<Record<string, string | undefined>> | undefined): YamlSource {
  const fill = (value: unknown, path: Path): unknown => {
    if (typeof value === "string") return value.includes("${") ? fillText(value, path) : value;
    if (Array.isArray(value)) return value.map((each, index) => fill(each, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, OWN_TEXT.has(key) ? each : fill(each, [...path, key])]));
  };
  const fillText = (text: string, path: Path) =>
    text.replaceAll(PLACEHOLDER, (whole, name: string) => {
      const spot = source.spot(path);
      if (!NAME.test(name)) throw spot.fault(`${whole} names no variable; allowed is \${NAME}`);
      if (env === undefined) throw spot.fault(`${whole} stands for a variable of the environment, and there is none here: write its value`);
      const value = env[name];
      if (value === undefined || value === "") throw spot.fault(`the variable ${name} is not set${nearest(name, env)}`);
      return value;
    });
  return { ...source, value: fill(source.value, []) };
}

function nearest(name: string, env: Readonly<Record<string, string | undefined>>): string {
  const said = meant(
    name,
    Object.keys(env).filter((each) => env[each] !== ""),
  );
  return said.startsWith("did you mean") ? `; ${said}` : "";
}
