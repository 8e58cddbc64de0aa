import type { DestinationStream } from "pino";
import { LINE_KEYS } from "./log-keys.ts";

const LEVEL_WIDTH = 5;

/** Turns lines of JSON into lines for people: `20:58:04.123 WARN  a node failed  run_id=run_1 code=OV_NODE_FAILED`, an error's stack below. */
export function prettily(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(toPretty(line)) };
}

function toPretty(line: string): string {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { time, level, msg, err, ...rest } = fields;
  const told = Object.entries(rest).filter(([key]) => !LINE_KEYS.some((own) => own === key));
  const head = `${String(time).slice(11, 23)} ${String(level).toUpperCase().padEnd(LEVEL_WIDTH)} ${String(msg)}`;
  return `${[head, ...told.map(([key, value]) => `${key}=${toText(value)}`)].join("  ")}\n${stacksOf(err)}`;
}

function stacksOf(err: unknown): string {
  if (typeof err !== "object" || err === null) return "";
  const { stack, message, cause } = err as { stack?: unknown; message?: unknown; cause?: unknown };
  const own = String(stack ?? message)
    .split("\n")
    .map((line) => `    ${line}\n`)
    .join("");
  return own + stacksOf(cause);
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
