/** A program in another language, over NATS alone: Python's nats-py with the file of docs/nats-clients.md; and what it hears against docs/asyncapi.json. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { ACTIVATE, BEGIN_RUN } from "@openvibe/core";
import { type NatsServer, runCommand, startNats } from "@openvibe/stack";
import { Ajv } from "ajv";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPage } from "../support/docs-page.ts";
import { type Server, startServer } from "../support/e2e-command.ts";
import { until } from "../support/e2e-until.ts";
import { installPythonPackages } from "../support/python-packages.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The client's login may do what the page says it needs, and nothing else. */
const LOGINS = `
authorization {
  users = [
    { user: "server", password: "s" }
    {
      user: "client", password: "c"
      permissions {
        publish: {
          allow: [
            "operators.*.request.*", "$JS.API.STREAM.NAMES", "$JS.API.CONSUMER.CREATE.OV_EVENTS", "$JS.API.CONSUMER.CREATE.OV_EVENTS.>"
            "$JS.API.CONSUMER.DELETE.OV_EVENTS.>", "$JS.FC.OV_EVENTS.>"
          ]
          deny: "operators.*.request._begin"
        }
        subscribe: ["log.>", "operators.*.live.>", "_INBOX.>"]
      }
    }
  ]
}
no_auth_user: "server"
`;

let folder: string;
let broker: NatsServer;
let server: Server;
let nc: NatsConnection;
const heard: Msg[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvibe-nats-client-"));
  broker = await startNats({ own: true, extraConfig: LOGINS });
  nc = await connect({ servers: broker.url });
  for (const subject of ["log.>", "operators.*.live.>"]) nc.subscribe(subject, { callback: (_error, message) => void heard.push(message) });
  await nc.flush();
  server = await startServer({
    command: "serve",
    files: ["operators/hello/index.ts"],
    env: { OPENVIBE_LLM: "echo", NATS_URL: broker.url, OPENVIBE_STORE: "sqlite", OPENVIBE_SQLITE_PATH: join(folder, "openvibe.db") },
  });
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await nc?.close();
  await broker?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test("Python's nats-py starts a run, hears its events, reads them from the log, and is refused in words", async () => {
  const { python, folder: packages } = await installPythonPackages(join(ROOT, "tests/support/nats-py/requirements.txt"));
  const { blocks } = await readPage("docs/nats-clients.md");
  const file = join(folder, "greet.py");
  await writeFile(file, blocks.find(({ save }) => save === "greet.py")?.text ?? "");

  const { output, failure } = await runCommand(python, [file], {
    env: { ...process.env, NATS_URL: broker.url.replace("//", "//client:c@"), PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1" },
    timeoutMs: 60_000,
  });

  expect(failure).toBeUndefined();
  expect(output).toBe(blocks.find(({ output: shown }) => shown)?.text);
});

test("that login asks operators, and hands workers no runs of its own making", async () => {
  const client = await connect({ servers: broker.url, user: "client", pass: "c" });
  const ask = (capability: string) => client.request(`operators.hello.request.${capability}`, "{}", { timeout: 5_000 });

  await expect(ask(BEGIN_RUN)).rejects.toThrow(/permissions violation/i);
  expect((await ask(ACTIVATE)).json()).toMatchObject({ error: { code: "OV_REQUEST_INVALID" } }); // no trigger
  await client.close();
});

test("what is heard is what docs/asyncapi.json says: the subject, the headers, the data", async () => {
  const document = JSON.parse(await readFile(join(ROOT, "docs/asyncapi.json"), "utf8")) as AsyncApi;
  const reply = await nc.request("operators.hello.request.activate", '{"trigger":"greet"}', { timeout: 10_000 });
  const { run_id: runId } = reply.json<{ run_id: string }>();
  const ofRun = () => heard.filter(({ subject }) => subject.endsWith(`.${runId}`));
  await until("the run's end", () => ofRun().some(({ subject }) => subject.includes(".run_completed.")));

  const told = ofRun().filter(({ headers }) => headers?.has("ce-id") === true);

  expect(new Set(told.map(({ headers }) => headers?.get("ce-type")))).toEqual(
    new Set(["run.queued", "run.started", "node.completed", "run.completed"]),
  );
  for (const message of ofRun())
    expect({ subject: message.subject, faults: faultsOf(message, document) }).toEqual({ subject: message.subject, faults: [] });
});

interface AsyncApi {
  readonly channels: Readonly<Record<string, { readonly address: string | null; readonly messages: object }>>;
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly headers?: object; readonly payload?: object }>>;
    readonly schemas: object;
  };
}

function faultsOf(message: Msg, { channels, components }: AsyncApi): readonly unknown[] {
  const channel = Object.values(channels).find(({ address }) => address !== null && matches(address, message.subject));
  const payload = message.json<{ readonly type?: string }>();
  const headers = Object.fromEntries([...(message.headers ?? [])].map(([name, [value]]) => [name, value]));
  const name = headers["ce-type"] ?? payload.type ?? "";
  if (channel === undefined || !(name in channel.messages)) return [`no channel has ${name} on ${message.subject}`];
  const validate = (schema: object | undefined, value: unknown) => {
    if (schema === undefined) return [];
    const check = new Ajv({ strict: false, validateFormats: false }).compile({ ...schema, components });
    return check(value) ? [] : (check.errors ?? []);
  };
  const doc = components.messages[name];
  return [...validate(doc?.headers, headers), ...validate(doc?.payload, payload)];
}

function matches(address: string, subject: string): boolean {
  return new RegExp(`^${address.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^.]+")}$`).test(subject);
}
