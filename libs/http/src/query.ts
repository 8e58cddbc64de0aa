import { type JsonSchema, OpenVibeError } from "@openvibe/core";

/** A query parameter: how it is read, and what the OpenAPI document says about it. */
export interface Parameter<T> {
  readonly description: string;
  readonly schema: JsonSchema;
  /** May be given more than once, at most so often. The schema is that of one. */
  readonly many?: true | number;
  /** @throws OpenVibeError OV_PARAMETER_INVALID */
  read(given: readonly string[], name: string): T;
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;
export type ParameterValues<P extends Parameters> = { readonly [Name in keyof P]: P[Name] extends Parameter<infer T> ? T : never };

/** Reads a query strictly: unknown, repeated and wrong parameters are refused by name. @throws OpenVibeError OV_PARAMETER_INVALID */
export function parseQuery<P extends Parameters>(query: unknown, parameters: P): ParameterValues<P> {
  const given = (query ?? {}) as Readonly<Record<string, string | readonly string[]>>;
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(parameters, name)) {
      const known = Object.keys(parameters);
      throw parameterInvalid(name, `is not known here; ${known.length === 0 ? "none is" : `known are ${known.join(", ")}`}`);
    }
  }
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const all = given[name] === undefined ? [] : [given[name]].flat();
    if (all.length > 1 && parameter.many === undefined) throw parameterInvalid(name, "is given more than once");
    values[name] = parameter.read(all, name);
  }
  return values as ParameterValues<P>;
}

export function parameterInvalid(name: string, detail: string): OpenVibeError {
  return new OpenVibeError("OV_PARAMETER_INVALID", `parameter ${JSON.stringify(name.slice(0, 80))} ${detail}`, {
    extra: { parameter: name.slice(0, 80) },
  });
}

export function intParameter(options: {
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
  readonly description: string;
}): Parameter<number> {
  const { min, max, fallback, description } = options;
  return {
    description,
    schema: { type: "integer", minimum: min, maximum: max, default: fallback },
    read([text], name) {
      if (text === undefined) return fallback;
      const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      throw parameterInvalid(name, `is ${shown(text)}; allowed is a whole number from ${min} to ${max}`);
    },
  };
}

export function choiceParameter<C extends string>(choices: readonly C[], description: string): Parameter<C | undefined> {
  return {
    description,
    schema: { type: "string", enum: choices },
    read([text], name) {
      const choice = choices.find((each) => each === text);
      if (text !== undefined && choice === undefined) throw parameterInvalid(name, `is ${shown(text)}; allowed are ${choices.join(", ")}`);
      return choice;
    },
  };
}

/** A text of the given form. `what` completes the sentence "allowed is …". */
export function textParameter(options: {
  readonly pattern: RegExp;
  readonly what: string;
  readonly description: string;
}): Parameter<string | undefined> {
  const { pattern, what, description } = options;
  return {
    description,
    schema: { type: "string", pattern: pattern.source },
    read([text], name) {
      if (text === undefined || pattern.test(text)) return text;
      throw parameterInvalid(name, `is ${shown(text)}; allowed is ${what}`);
    },
  };
}

/** `?verbose` and `?verbose=true` switch on. */
export function flagParameter(description: string): Parameter<boolean> {
  return {
    description,
    schema: { enum: [true, false, ""], default: false },
    read([text], name) {
      if (text === undefined || text === "false") return false;
      if (text === "" || text === "true") return true;
      throw parameterInvalid(name, `is ${shown(text)}; allowed are true and false`);
    },
  };
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
