import { OpenVibeError, type ProblemDetail } from "@openvibe/core";

/** A place in a text, to complain about. */
export interface Spot {
  /** `operators.yaml:7:13`. */
  readonly where: string;
  /** @returns an OpenVibeError OV_DEFINITION_INVALID with file, line, column and the line itself */
  fault(what: string, cause?: unknown): OpenVibeError;
}

/** A place in what did not come as text, by its JSON pointer. */
export function pointerSpot(name: string, pointer: string): Spot {
  const where = `${name} at ${pointer === "" ? "its top" : pointer}`;
  return {
    where,
    fault: (detail, cause) =>
      new OpenVibeError("OV_DEFINITION_INVALID", `${where}: ${detail}`, {
        errors: [{ pointer, detail }],
        ...(cause === undefined ? {} : { cause }),
      }),
  };
}

const SHOWN_CHARACTERS = 100;

/** Makes spots out of offsets in a text. */
export function spotsIn(text: string, name: string): (offset: number) => Spot {
  let lines: readonly string[] | undefined;
  const placeOf = (offset: number) => {
    const before = text.slice(0, offset);
    return { line: before.split(BREAK).length, column: offset - Math.max(before.lastIndexOf("\n"), before.lastIndexOf("\r")) };
  };
  return (offset) => ({
    get where() {
      const { line, column } = placeOf(offset);
      return `${name}:${line}:${column}`;
    },
    fault(what, cause) {
      lines ??= text.split(BREAK);
      const { line, column } = placeOf(offset);
      const errors: readonly ProblemDetail[] = [{ pointer: "", detail: `line ${line}, column ${column}: ${what}` }];
      const message = `${this.where} ${what}\n${showLine(lines[line - 1] ?? "", line, column)}`;
      return new OpenVibeError("OV_DEFINITION_INVALID", message, { errors, ...(cause === undefined ? {} : { cause }) });
    },
  });
}

const BREAK = /\r\n|\r|\n/;

/** The line with a mark under the column; of a long one what stands around it. */
function showLine(line: string, number: number, column: number): string {
  const from = Math.max(0, Math.min(column - 1 - SHOWN_CHARACTERS / 2, line.length - SHOWN_CHARACTERS));
  const part = line.slice(from, from + SHOWN_CHARACTERS).replaceAll("\t", "→");
  const margin = `${number} | `;
  return `  ${margin}${part}\n  ${" ".repeat(margin.length + column - 1 - from)}^`;
}
