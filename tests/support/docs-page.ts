/** A page of the documentation as blocks of code, each with what its directives say (docs/writing-docs.md). */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Where lines are typed: at the root of a clone, or in an empty folder that has a clone beside it, named `openvibe`. */
export type Place = "in the clone" | "beside the clone" | "where openvibe is installed";

export interface Block {
  readonly page: string;
  /** Of the fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  readonly place: Place;
  /** Saved under this name before anything below is typed. */
  readonly save?: string;
  /** Goes on where the block above it in this language ends: `text` and `save` are those of the whole file. */
  readonly continues?: boolean;
  /** What the last line that was typed wrote, compared loosely. */
  readonly output?: boolean;
  readonly terminal?: number;
  /** The line goes on until it is stopped; it is ready when the screen shows this. */
  readonly until?: RegExp;
  /** The exit code, where it is not 0. */
  readonly fails?: number;
  /** A program that not every machine has. */
  readonly needs?: string;
  /** Why it is not run or checked. */
  readonly excused?: string;
  /** What `<name>` stands for from here on: the newest match in anything that was written. */
  readonly where?: { readonly name: string; readonly pattern: RegExp };
}

export interface Page {
  readonly name: string;
  readonly blocks: readonly Block[];
}

const FENCE = /^(```+)(\w*)\s*$/;
const DIRECTIVE = /^<!-- docs-test: (.*) -->$/;
const PLACES: readonly Place[] = ["in the clone", "beside the clone", "where openvibe is installed"];

/** @param name relative to the root, such as `docs/http.md` */
export async function readPage(name: string): Promise<Page> {
  return parsePage(name, await readFile(join(ROOT, name), "utf8"));
}

/** @throws Error with page and line where a directive is not known, stands before no block, or a fence is indented or left open */
export function parsePage(name: string, text: string): Page {
  const blocks: Block[] = [];
  let place: Place = "beside the clone";
  let said: Partial<Block> = {};
  let notRun: string | undefined;
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const fault = (what: string) => new Error(`${name}:${at + 1}: ${what}: ${line}`);
    if (/^\s+```/.test(line)) throw fault("a fence begins its line");
    const directive = DIRECTIVE.exec(line)?.[1];
    const placed = PLACES.find((each) => each === directive);
    const reason = /^not run from here: (.+)$/.exec(directive ?? "")?.[1];
    if (placed !== undefined) [place, notRun] = [placed, undefined];
    else if (reason !== undefined) notRun = reason;
    else if (directive !== undefined) said = { ...said, ...parseDirective(directive, fault) };
    else if (line.startsWith("<!-- docs-test")) throw fault("a directive is a line of its own, <!-- docs-test: … -->");
    const [, fence, language = ""] = FENCE.exec(line) ?? [];
    if (fence !== undefined) {
      const end = lines.indexOf(fence, at + 1);
      if (end === -1) throw fault("the block has no end");
      const text = `${lines.slice(at + 1, end).join("\n")}\n`;
      const above = said.continues === true ? blocks.findLast((block) => block.language === language) : undefined;
      if (said.continues === true && above === undefined) throw fault("no block above to go on from");
      const begun = above?.save === undefined ? {} : { save: above.save };
      const excused = notRun === undefined ? {} : { excused: notRun };
      blocks.push({ ...begun, ...excused, ...said, page: name, line: at + 1, language, place, text: (above?.text ?? "") + text });
      said = {};
      at = end;
    } else if (directive === undefined && line !== "" && Object.keys(said).length > 0)
      throw fault("a directive stands right before its block, not before");
  }
  return { name, blocks };
}

function parseDirective(text: string, fault: (what: string) => Error): Partial<Block> {
  const [word = "", rest = ""] = [/^\w+/.exec(text)?.[0], text.replace(/^\w+:?\s*/, "")];
  const toPattern = (text: string) => {
    const pattern = /^\/(.+)\/$/.exec(text)?.[1];
    if (pattern === undefined) throw fault("a pattern stands between slashes");
    return new RegExp(pattern, "m");
  };
  switch (word) {
    case "save":
      return { save: rest };
    case "continues":
      return { continues: true };
    case "output":
      return { output: true };
    case "terminal":
      return { terminal: Number(rest) };
    case "until":
      return { until: toPattern(rest) };
    case "fails":
      return { fails: Number(rest) };
    case "needs":
      return { needs: rest };
    case "excused":
      if (rest === "") throw fault("say why");
      return { excused: rest };
    case "where": {
      const [, name, pattern] = /^<(\w+)> is (\/.*\/)$/.exec(rest) ?? [];
      if (name === undefined || pattern === undefined) throw fault("write: where <name> is /pattern/");
      return { where: { name, pattern: toPattern(pattern) } };
    }
    default:
      throw fault("unknown directive");
  }
}

export function blocksOf({ blocks }: Page, language: string): readonly Block[] {
  return blocks.filter((block) => block.language === language);
}

/** The commands of a shell block: comments and empty lines left out, lines that end with a backslash joined with the next. */
export function commandsOf({ text }: Block): readonly string[] {
  return text
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
}
