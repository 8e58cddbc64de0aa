/** Does what a page says, as its reader would: saves its files, types its commands in their order, and compares what it shows with what comes. */

import { type Desk, openDesk, type Surroundings } from "./docs-desk.ts";
import { findDifference } from "./docs-output.ts";
import { type Block, commandsOf, type Page } from "./docs-page.ts";
import { until } from "./e2e-until.ts";
import { hasProgram } from "./installed.ts";
import type { Terminal } from "./terminal.ts";

export interface Tally {
  /** Commands. */
  typed: number;
  saved: number;
  compared: number;
  /** Page, line and reason. */
  readonly excused: string[];
}

/** The line that was typed last. */
interface Last {
  readonly line: string;
  readonly terminal: Terminal;
  /** What it wrote; absent while it goes on. */
  readonly stdout?: string;
}

const READY: readonly (readonly [line: RegExp, ready: RegExp])[] = [
  [/\bopenvibe (dev|serve)\b/, /^OpenVibe (serves|runs) \S/m],
  [/\bpnpm@12 demo$/, /^Ctrl-C stops it\.$/m],
  [/^curl .*-N\b/, /^(retry|id|event|data): /m],
];
/** May be typed again while what it shows has not happened yet, as a reader would. */
const READS = /^curl (?!.*\s-(X|d)\b)|\bopenvibe runs (ls|get)\b/;
const STACK_DOWN = /\bstack down$/;
/** Read, not done: checked by tsc, or data. A block in any other language is saved, or excused. */
const READ = ["", "text", "ts", "json", "yaml", "mermaid"];

/** @throws Error with page and line of the block that does not do what the page says */
export async function readAloud(page: Page, surroundings: Surroundings): Promise<Tally> {
  const tally: Tally = { typed: 0, saved: 0, compared: 0, excused: [] };
  const named = new Map<string, RegExp>([["run_id", /\brun_\d{4}-[\w-]+/]]);
  let last: Last | undefined;
  await using desk = await openDesk(page, surroundings);
  for (const block of page.blocks) {
    const at = `${block.page}:${block.line}`;
    if (block.where !== undefined) named.set(block.where.name, block.where.pattern);
    const excused = block.excused ?? ((await lacks(block, surroundings)) ? `${block.needs} is not on this machine` : undefined);
    try {
      if (excused !== undefined) tally.excused.push(`${at}: ${excused}`);
      else if (block.save !== undefined) {
        await desk.save(block.save, block.text, block.place);
        tally.saved++;
      } else if (block.language === "sh" || block.language === "bash") {
        last = await typeBlock(desk, block, (command) => fill(command, named, desk));
        tally.typed += commandsOf(block).length;
      } else if (block.output === true) {
        await compare(desk, block, last);
        tally.compared++;
      } else if (block.language === "json") JSON.parse(block.text);
      else if (!READ.includes(block.language)) throw new Error(`a block in ${block.language} is saved under a name, or excused`);
    } catch (cause) {
      throw new Error(`${at}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
  return tally;
}

async function lacks({ needs }: Block, { env }: Surroundings): Promise<boolean> {
  return needs !== undefined && !(await hasProgram(needs, env));
}

/** A line that goes on takes the first terminal, unless the page names another; what ends by itself takes one in which nothing runs. */
async function typeBlock(desk: Desk, block: Block, toLine: (command: string) => string): Promise<Last | undefined> {
  const commands = commandsOf(block).map((command, index, { length }) => {
    const known = READY.find(([pattern]) => pattern.test(command))?.[1];
    return { command, ready: known === undefined && index < length - 1 ? undefined : (block.until ?? known) };
  });
  const serves = commands.some(({ command, ready }) => ready !== undefined && !command.startsWith("curl"));
  const number = block.terminal ?? (serves ? 1 : desk.free());
  let last: Last | undefined;
  for (const [index, { command, ready }] of commands.entries()) {
    if (STACK_DOWN.test(command)) await desk.stopAll(); // as the pages say: a server whose store is gone takes a minute to end
    const terminal = await desk.sitDown(number, block.place);
    const line = toLine(command);
    if (ready !== undefined) {
      await terminal.start(line, ready);
      last = { line, terminal };
      continue;
    }
    const { code, stdout, screen } = await terminal.type(line);
    const wanted = index === commands.length - 1 ? (block.fails ?? 0) : 0;
    if (code !== wanted) throw new Error(`${line} ended with ${code}, not with ${wanted}:\n${screen}`);
    last = { line, terminal, stdout };
  }
  return last;
}

/** Puts what stands for `<name>`: the newest match of what the page says it is, else of a field or a line of that name. */
function fill(command: string, named: ReadonlyMap<string, RegExp>, desk: Desk): string {
  return desk.toReal(command).replace(/<(\w+)>/g, (_, name: string) => {
    const pattern = named.get(name) ?? new RegExp(`(?:"${name}": ?"?|^${name}: )([\\w.:-]+)`, "m");
    const found = [...desk.written().matchAll(new RegExp(pattern, "gm"))].at(-1);
    if (found === undefined) throw new Error(`nothing that was written says what <${name}> is (${pattern})`);
    return found[1] ?? found[0];
  });
}

async function compare(desk: Desk, block: Block, last: Last | undefined): Promise<void> {
  if (last === undefined) throw new Error("no line was typed before this output");
  const { line, terminal } = last;
  let { stdout } = last;
  const findFault = () => {
    const texts = stdout === undefined ? [terminal.screen()] : [stdout, terminal.screen()];
    const faults = texts.map((text) => findDifference(block.text, desk.toShown(text)));
    return faults.includes(undefined) ? undefined : faults[0];
  };
  const again = async () => {
    if (stdout !== undefined) ({ stdout } = await terminal.type(line));
    return findFault() === undefined;
  };
  if (findFault() === undefined) return;
  if ((stdout === undefined || READS.test(line)) && (await until("the shown output", again).catch(() => false))) return;
  throw new Error(`${line} wrote something else than is shown; ${findFault()}:\n${desk.toShown(terminal.screen())}`);
}
