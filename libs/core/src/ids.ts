import { randomBytes } from "node:crypto";
import { OpenVibeError } from "./problems.ts";
import { shown } from "./shown.ts";

export type OperatorId = string;
export type WorkflowId = string;
export type NodeId = string;
export type RunId = string;
/** A process that may hold runs: made anew at each start, so that nobody mistakes a successor for its predecessor. */
export type OwnerId = string;

export const ID_PATTERN = "^[a-z0-9][a-z0-9_-]{0,63}$";
const ID = new RegExp(ID_PATTERN);

export function isId(value: unknown): value is string {
  return typeof value === "string" && ID.test(value);
}

/** @throws OpenVibeError OV_ID_INVALID */
export function parseId(value: unknown, what: string): string {
  if (isId(value)) return value;
  throw new OpenVibeError(
    "OV_ID_INVALID",
    `${what} ${shown(value)} is not allowed: an id is 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or digit (${ID_PATTERN})`,
  );
}

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";

function toDigits(value: number, length: number): string {
  return Math.floor(value).toString(36).padStart(length, "0").slice(-length);
}

let pool = Buffer.alloc(0);
let used = 0;

function randomDigits(length: number): string {
  let text = "";
  while (text.length < length) {
    if (used === pool.length) {
      pool = randomBytes(4096);
      used = 0;
    }
    const byte = pool[used++] ?? 255;
    if (byte < 252) text += DIGITS[byte % 36]; // 252 = 7 * 36: every digit equally likely
  }
  return text;
}

/** `run_2026-11-22_<9 digits of time><10 random digits>`: sorts by creation, 51 bits of chance per millisecond. */
export function newRunId(nowMs: number): RunId {
  return `run_${new Date(nowMs).toISOString().slice(0, 10)}_${toDigits(nowMs, 9)}${randomDigits(10)}`;
}

/** `<name>-<random>`, e.g. for an owner: unique for each start of a process. */
export function newInstanceId(name: string): string {
  return `${name}-${randomDigits(12)}`;
}

/** A token for a lost answer: whoever finds it in the row knows that the write was his own. */
export function newToken(): string {
  return randomDigits(16);
}
