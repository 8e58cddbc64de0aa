/**
 * Arrays in Postgres' binary form (array_recv, src/backend/utils/adt/arrayfuncs.c): `pg` hands a Buffer over as a binary parameter, so JSON text
 * travels as it is, without the quoting of array literals on our side and its parsing on the server's.
 */
import type { ColumnType } from "../sql/dialect.ts";
import type { SqlValue } from "../sql/statement.ts";

// pg_type.oid
const TEXT = 25;
const INT4 = 23;
const HEADER_BYTES = 20;
const NULL_LENGTH = -1;

/** @throws TypeError, RangeError when a value does not fit the type */
export function toArray(type: ColumnType, values: readonly SqlValue[]): Buffer {
  return type === "text" ? toTextArray(values) : toIntegerArray(values);
}

function writeHeader(buffer: Buffer, elementType: number, length: number): void {
  buffer.writeInt32BE(1, 0); // dimensions
  buffer.writeInt32BE(1, 4); // may hold nulls
  buffer.writeInt32BE(elementType, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16); // lower bound
}

function toTextArray(values: readonly SqlValue[]): Buffer {
  let bytes = HEADER_BYTES;
  for (const value of values) {
    if (value !== null && typeof value !== "string") throw new TypeError(`${value} is no text`);
    bytes += 4 + (value === null ? 0 : Buffer.byteLength(value));
  }
  const buffer = Buffer.allocUnsafe(bytes);
  writeHeader(buffer, TEXT, values.length);
  let at = HEADER_BYTES;
  for (const value of values) {
    const length = value === null ? NULL_LENGTH : buffer.write(value as string, at + 4);
    buffer.writeInt32BE(length, at);
    at += 4 + Math.max(length, 0);
  }
  return buffer;
}

function toIntegerArray(values: readonly SqlValue[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + values.length * 8);
  writeHeader(buffer, INT4, values.length);
  let at = HEADER_BYTES;
  for (const value of values) {
    if (!Number.isInteger(value)) throw new TypeError(`${value} is no integer`);
    buffer.writeInt32BE(4, at);
    buffer.writeInt32BE(value as number, at + 4);
    at += 8;
  }
  return buffer;
}
