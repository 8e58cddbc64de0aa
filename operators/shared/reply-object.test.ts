import { expect, test } from "vitest";
import { findReplyObject } from "./reply-object.ts";

test.each([
  ["plain", '{"a": 1}'],
  ["with white space around it", ' \n{"a": 1}\r\n '],
  ["in a fence with a tag", '```json\n{"a": 1}\n```'],
  ["in a fence without a tag", '\n```\n{"a": 1}\n```\n'],
])("JSON %s is read", (_, reply) => {
  expect(findReplyObject(reply)).toEqual({ a: 1 });
});

test.each([
  ["an empty reply", ""],
  ["prose", "I think it is high."],
  ["JSON inside prose", 'Here it is: {"a": 1}'],
  ["a fence inside prose", 'Here it is:\n```json\n{"a": 1}\n```'],
  ["a fence with prose after it", '```json\n{"a": 1}\n```\nAnything else?'],
  ["two fences", '```json\n{"a": 1}\n```\n```json\n{"b": 2}\n```'],
  ["JSON that was cut off", '{"a": '],
  ["a fence that was cut off", '```json\n{"a": 1}'],
  ["a list", '[{"a": 1}]'],
  ["null", "null"],
  ["a text", '"a"'],
  ["a number", "7"],
])("%s is no object", (_, reply) => {
  expect(findReplyObject(reply)).toBeUndefined();
});
