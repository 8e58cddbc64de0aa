/** Every route of the OpenAPI document: addresses, parameters, headers and bodies that are nearly right, or not at all. */
import { type JsonValue, PROBLEMS } from "@openvibe/core";
import { exchange } from "./exchange.ts";
import type { Maker } from "./maker.ts";
import type { Operation, Parameter } from "./operations.ts";
import { sampleOf } from "./schema-sample.ts";
import { ANSWER_WITHIN_MS, type Attempted, type Surface, shown, showsInsides } from "./surface.ts";
import type { FuzzedSystem } from "./system.ts";

export const httpSurface: Surface = {
  name: "HTTP routes",
  weight: 60,
  async attempt(make, system) {
    const operation = make.pick(system.api.operations);
    const bytes = requestOf(make, system, operation);
    return await sendAndJudge(make.oneIn(12) ? make.damage(bytes) : bytes, system);
  },
};

/** Bytes that were never a request. */
export const socketSurface: Surface = {
  name: "bytes on the HTTP port",
  weight: 4,
  attempt: async (make, system) => await sendAndJudge(Buffer.concat([make.bytes(300), Buffer.from("\r\n\r\n")]), system),
};

async function sendAndJudge(bytes: Buffer, system: FuzzedSystem): Promise<Attempted> {
  const sent = shown(bytes);
  const { status, head, body, timedOut, tookMs } = await exchange(system.port, bytes, ANSWER_WITHIN_MS);
  const said = `${head.slice(0, 300)}\n${body.slice(0, 600)}`;
  const refuse = (what: string) => ({ sent, fault: `${what}: ${said}` });
  if (timedOut) return refuse(`no whole answer within ${Math.round(tookMs)} ms`);
  if (status === undefined) return { sent }; // what is no request may be hung up on
  if (status >= 500) return refuse(`status ${status}`);
  if (showsInsides(said)) return refuse("the answer shows our insides");
  if (/^x-injected:/im.test(head)) return refuse("a header was injected");
  if (status >= 400 && body !== "") return judgeProblem(body, status, head, refuse, sent);
  return { sent };
}

function judgeProblem(body: string, status: number, head: string, refuse: (what: string) => Attempted, sent: string): Attempted {
  if (!/content-type: application\/problem\+json/i.test(head)) return refuse("an error that is no problem");
  const problem = parse(body);
  if (problem === undefined) return refuse("a problem that is no JSON");
  const { code, status: said, detail } = problem;
  if (typeof code !== "string" || !(code in PROBLEMS)) return refuse("a problem without a code of ours");
  if (said !== status || typeof detail !== "string" || detail === "") return refuse("a problem without detail, or with another status");
  return { sent };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

const METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "FOO"];

function requestOf(make: Maker, system: FuzzedSystem, operation: Operation): Buffer {
  const method = make.oneIn(25) ? make.pick(METHODS) : operation.method;
  const given = operation.parameters.filter((parameter) => parameter.in === "path" || make.oneIn(2));
  const inPath = new Map(
    given.filter((parameter) => parameter.in === "path").map((it) => [it.name, givenFor(make, system, operation, it)]),
  );
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent((inPath.get(name) ?? "").toWellFormed()));
  const query = given
    .filter((parameter) => parameter.in === "query")
    .map((parameter) => `${parameter.name}=${encodeURIComponent(givenFor(make, system, operation, parameter).toWellFormed())}`);
  if (make.oneIn(15)) query.push(`${encodeURIComponent(make.text().toWellFormed())}=${encodeURIComponent(make.text().toWellFormed())}`);
  const address = `${path}${query.length > 0 ? `?${query.join("&")}` : ""}`;
  const body = operation.body === undefined && !make.oneIn(20) ? undefined : bodyOf(make, system, operation);
  const headers = [
    "Host: x",
    "Connection: close",
    ...given
      .filter((parameter) => parameter.in === "header")
      .map((it) => `${it.name}: ${headerText(givenFor(make, system, operation, it))}`),
    ...(body === undefined ? [] : [`Content-Length: ${body.length}`]),
    ...(body === undefined || make.oneIn(15) ? [] : [`Content-Type: ${make.oneIn(12) ? headerText(make.text()) : "application/json"}`]),
    ...(make.oneIn(25) ? [`${make.pick(ODD_HEADERS)}: ${headerText(make.text())}`] : []),
  ];
  const head = Buffer.from(`${method} ${address} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`, "latin1");
  return body === undefined ? head : Buffer.concat([head, body]);
}

const ODD_HEADERS = [
  "Content-Encoding",
  "Accept",
  "Accept-Encoding",
  "Authorization",
  "X-Request-Id",
  "X-Forwarded-For",
  "traceparent",
  "Expect",
];

/** Line breaks would end the header; other surfaces send those. */
const headerText = (text: string): string => text.replaceAll(/[\r\n]/g, " ").slice(0, 2_000);

function givenFor(make: Maker, system: FuzzedSystem, operation: Operation, parameter: Parameter): string {
  const { name } = parameter;
  // A wait that is really granted would only take time.
  if (name === "Prefer")
    return make.pick(["wait=1", "wait=0", "wait=-1", 'wait="1"', "wait", "respond-async", "wait=1e9", ";;,=", "handling=x"]);
  if (make.oneIn(8)) return make.text();
  if (name === "cursor") return cursorOf(make, system);
  if (/last.event.id/i.test(name)) return eventIdOf(make, system);
  // Whole operators and the like are not for us to remove.
  const known = operation.method === "DELETE" && !operation.path.includes("{run_id}") ? undefined : system.known.get(name);
  if (known !== undefined && !make.oneIn(5)) return make.pick(known);
  const sample = sampleOf(parameter.schema, system.api.schemas, make);
  return typeof sample === "string" ? sample : JSON.stringify(sample);
}

/** A real one, a bent one, and one whose inside is bent though it looks like a real one. */
function cursorOf(make: Maker, { cursors }: FuzzedSystem): string {
  const cursor = make.pick(cursors);
  if (make.oneIn(3)) return cursor;
  if (make.oneIn(3)) return make.damage(Buffer.from(cursor)).toString("latin1");
  const parts = parse(Buffer.from(cursor, "base64url").toString()) as unknown as JsonValue;
  return Buffer.from(JSON.stringify(make.bend(parts ?? null))).toString("base64url");
}

function eventIdOf(make: Maker, { eventIds }: FuzzedSystem): string {
  const id = make.pick(eventIds);
  if (make.oneIn(3)) return id;
  if (make.oneIn(2)) return make.damage(Buffer.from(id)).toString("latin1");
  const [epoch = "", , digest = ""] = id.split(".");
  return `${epoch}.${make.pick(["0", "1", "-1", "1e30", "9007199254740991", "9007199254740993", "999999999999999999999"])}.${make.pick([digest, "-"])}`;
}

function bodyOf(make: Maker, { api }: FuzzedSystem, { body }: Operation): Buffer {
  if (make.oneIn(12)) return make.bytes(200);
  const value = body === undefined || make.oneIn(8) ? make.json() : sampleOf(body, api.schemas, make);
  const bytes = Buffer.from(JSON.stringify(make.oneIn(2) ? make.bend(value) : value));
  return make.oneIn(6) ? make.damage(bytes) : bytes;
}
