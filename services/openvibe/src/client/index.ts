/** `openvibe/client`: a typed client for the HTTP API. Loads nothing of the server. */
export type { components, operations, paths } from "./api.ts";
export type { Answer } from "./calls.ts";
export { type Client, type ClientOptions, createClient } from "./client.ts";
export type { Event, EventFilter, FollowOptions, StreamedEvent } from "./follow.ts";
export { ProblemError } from "./problem-error.ts";
