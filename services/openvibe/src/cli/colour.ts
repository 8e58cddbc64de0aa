import { styleText } from "node:util";

type Colour = Parameters<typeof styleText>[0];

/**
 * Whether to use colours: on a terminal that can, unless `NO_COLOR` (https://no-color.org) is set; `FORCE_COLOR` goes before both, as Node has it.
 * `--color` and `--no-color` arrive as these variables.
 */
function isColoured(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  const { NO_COLOR = "", FORCE_COLOR = "", TERM } = env;
  if (FORCE_COLOR !== "") return !["0", "false"].includes(FORCE_COLOR);
  return NO_COLOR === "" && stream.isTTY === true && TERM !== "dumb";
}

export function coloured(colour: Colour, text: string): string {
  return isColoured(process.stdout) ? styleText(colour, text, { validateStream: false }) : text;
}
