/** `openvibe/testing`: operators under test, with a scripted model and a clock that skips days. */
export { createScripted, type Script, type ScriptedLlm } from "@openvibe/llm/scripted";
export type { Answers, Asked } from "./asks.ts";
export type { TestServers } from "./ground.ts";
export { openTestKit, type TestKit, type TestKitOptions } from "./kit.ts";
export type { Prompt, Replies, Reply, StepReplies } from "./replies.ts";
export type { TestRun, WaitingRun } from "./test-run.ts";
