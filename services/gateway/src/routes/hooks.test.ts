import { createHmac } from "node:crypto";
import { manifestVersion, type OperatorManifest } from "@openvibe/core";
import type { HookPreset, HookSettings } from "@openvibe/http/hook-source";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { type GatewayUnderTest, openGateway } from "../gateway.fixture.ts";

const SECRET = "a-secret-of-the-source";
const STANDARD = `whsec_${Buffer.alloc(32, "s").toString("base64")}`;
const hooks: HookSettings = {
  sources: Object.fromEntries(
    (["hubspot", "slack", "github", "stripe", "standard", "hmac", "token"] as const).map((preset) => [
      preset,
      { preset, secret: preset === "standard" ? STANDARD : SECRET },
    ]),
  ),
  unsigned: false,
};

/** An operator that listens to each source, by the name `lead`. */
function listener(id: string, sources: readonly string[] = Object.keys(hooks.sources), company = "string"): OperatorManifest {
  return {
    id,
    name: id,
    answers: {},
    workflows: [
      {
        id: "qualify",
        triggers: [
          ...sources.map((source) => ({ id: `from_${source}`, on: `webhook:${source}_lead` })),
          { id: "by_hand", on: "on_demand" },
        ],
        state_fields: ["company", "employees", "github_event"],
        input_schema: { type: "object", properties: { company: { type: company }, employees: { type: "integer" }, github_event: {} } },
        steps: [],
      },
    ],
  };
}

async function openListening(options: Parameters<typeof openGateway>[0] = {}, operators = [listener("sales")]): Promise<GatewayUnderTest> {
  const gateway = await openGateway({ hooks, ...options });
  for (const manifest of operators) await gateway.store.manifests.register(manifest, manifestVersion(manifest));
  return gateway;
}

type Headers = Record<string, string>;
const hmac = (text: string, encoding: "hex" | "base64" = "hex", secret = SECRET) =>
  createHmac("sha256", secret).update(text).digest(encoding);
const seconds = (offset = 0) => String(Math.floor(Date.now() / 1_000) + offset);

/** How each source signs, written down from its own documentation. `late`: seconds that its time is off. */
const SIGNING: Readonly<Record<HookPreset, (body: string, options?: { late?: number; id?: string }) => Headers>> = {
  hubspot(body, { late = 0 } = {}) {
    const timestamp = String(Date.now() + late * 1_000);
    const address = "https://hooks.example.com/v1/hooks/hubspot/lead";
    return { "x-hubspot-request-timestamp": timestamp, "x-hubspot-signature-v3": hmac(`POST${address}${body}${timestamp}`, "base64") };
  },
  slack(body, { late = 0 } = {}) {
    const timestamp = seconds(late);
    return { "x-slack-request-timestamp": timestamp, "x-slack-signature": `v0=${hmac(`v0:${timestamp}:${body}`)}` };
  },
  github: (body, { id = "72d3162e-cc78-11e3-81ab-4c9367dc0958" } = {}) => ({
    ...{ "x-hub-signature-256": `sha256=${hmac(body)}`, "x-github-event": "push", "x-github-delivery": id },
  }),
  stripe(body, { late = 0 } = {}) {
    const timestamp = seconds(late);
    return { "stripe-signature": `t=${timestamp},v0=x,v1=${"0".repeat(64)},v1=${hmac(`${timestamp}.${body}`)}` };
  },
  standard(body, { late = 0, id = "msg_1" } = {}) {
    const timestamp = seconds(late);
    const signature = new Webhook(STANDARD).sign(id, new Date(Number(timestamp) * 1_000), body);
    return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
  },
  hmac: (body) => ({ "x-signature-256": `sha256=${hmac(body)}` }),
  token: (_body, { id } = {}) => ({ authorization: `Bearer ${SECRET}`, ...(id === undefined ? {} : { "webhook-id": id }) }),
};
const PRESETS = Object.keys(SIGNING) as HookPreset[];
const TIMED = ["hubspot", "slack", "stripe", "standard"] as const;

const send = async (gateway: GatewayUnderTest, source: string, body: string, headers: Headers, name = "lead") =>
  await gateway.ask("POST", `/v1/hooks/${source}/${name}`, {
    payload: body,
    headers: { "content-type": "application/json", host: "hooks.example.com", ...headers },
  });
const runsOf = async (gateway: GatewayUnderTest) => await gateway.allRuns();

const LEAD = JSON.stringify({ company: "Zoë & Co", employees: 7, id: "evt_1", event_id: "Ev1", fax: "none" });

describe.each(PRESETS)("a webhook of %s", (preset) => {
  test("starts every workflow that listens, with the fields that are state", async () => {
    await using gateway = await openListening({}, [listener("sales"), listener("support"), listener("other", ["stranger"])]);

    const response = await send(gateway, preset, LEAD, SIGNING[preset](LEAD));

    expect(response.statusCode).toBe(202);
    const { runs } = response.json<{ runs: { operator_id: string; run_id: string; replayed: boolean }[] }>();
    expect(runs).toMatchObject([
      { operator_id: "sales", workflow_id: "qualify", replayed: false },
      { operator_id: "support", workflow_id: "qualify", replayed: false },
    ]);
    expect(await gateway.store.runs.find(runs[0]?.run_id ?? "")).toMatchObject({
      ...{ operatorId: "sales", trigger: `from_${preset}`, status: "queued", input: { company: "Zoë & Co", employees: 7 } },
      ignoredInput: expect.arrayContaining(["fax"]) as string[],
    });
  });

  test("that is delivered again starts nothing more", async () => {
    await using gateway = await openListening();

    const first = await send(gateway, preset, LEAD, SIGNING[preset](LEAD));
    const [again, ...more] = await Promise.all(
      Array.from({ length: 5 }, () => send(gateway, preset, LEAD, SIGNING[preset](LEAD, { late: 5 }))),
    );

    expect(again?.json<{ runs: object[] }>().runs).toMatchObject([{ ...first.json<{ runs: object[] }>().runs[0], replayed: true }]);
    expect(more.every(({ statusCode }) => statusCode === 202)).toBe(true);
    expect(await runsOf(gateway)).toHaveLength(1);
  });

  test("with another body, another secret, or no signature is refused, always in the same words", async () => {
    await using gateway = await openListening();
    const headers = SIGNING[preset](LEAD);
    const wrong: Headers[] = [
      {},
      Object.fromEntries(Object.keys(headers).map((name) => [name, ""])),
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value.slice(0, -2)}zz`])),
      Object.fromEntries(Object.keys(headers).map((name) => [name, "x".repeat(64)])),
    ];

    const refused = await Promise.all(wrong.map((each) => send(gateway, preset, LEAD, each)));
    if (preset !== "token") refused.push(await send(gateway, preset, LEAD.replace("7", "8"), headers));
    // Who cannot sign learns nothing: not who listens, nor whether the body is any good.
    refused.push(await send(gateway, preset, LEAD, {}, "nobody"), await send(gateway, preset, "{", {}));

    for (const response of refused) expect(response.json()).toMatchObject({ status: 401, code: "OV_SIGNATURE_INVALID" });
    expect(new Set(refused.map((response) => response.json<{ detail: string }>().detail)).size).toBe(1);
    expect(refused[0]?.body).not.toContain(SECRET);
    expect(await runsOf(gateway)).toEqual([]);
  });

  test("that nobody listens to is told so", async () => {
    await using gateway = await openListening({}, []);

    expect((await send(gateway, preset, LEAD, SIGNING[preset](LEAD))).json()).toMatchObject({ status: 404, code: "OV_HOOK_NOT_FOUND" });
  });

  test("whose fields do not fit one of those who listen starts nothing at all", async () => {
    await using gateway = await openListening({}, [listener("sales"), listener("support", [preset], "integer")]);
    const body = JSON.stringify({ company: "A" });

    const response = await send(gateway, preset, body, SIGNING[preset](body));

    expect(response.json()).toMatchObject({ status: 422, code: "OV_INPUT_INVALID" });
    expect(await runsOf(gateway)).toEqual([]);
  });
});

describe.each(TIMED)("a webhook of %s", (preset) => {
  test.each([-400, 400])("that was signed %d seconds off is refused; within five minutes not", async (late) => {
    await using gateway = await openListening();

    expect((await send(gateway, preset, LEAD, SIGNING[preset](LEAD, { late }))).statusCode).toBe(401);
    expect((await send(gateway, preset, LEAD, SIGNING[preset](LEAD, { late: late * 0.7 }))).statusCode).toBe(202);
  });
});

describe("a webhook", () => {
  test("of a source whose secret is not known is refused", async () => {
    await using gateway = await openListening({}, [listener("sales", ["stranger"])]);

    const response = await send(gateway, "stranger", LEAD, {});

    expect(response.json()).toMatchObject({ status: 403, code: "OV_HOOK_NOT_OPEN" });
    expect((await send(gateway, "constructor", LEAD, {})).statusCode).toBe(403);
    expect(await runsOf(gateway)).toEqual([]);
  });

  test("is taken without a secret where nobody needs a key, as JSON alone: a page in a browser can send a form", async () => {
    await using gateway = await openListening({ hooks: { ...hooks, unsigned: true } }, [listener("sales", ["stranger", "github"])]);

    expect((await send(gateway, "stranger", LEAD, {})).statusCode).toBe(202);
    for (const type of ["application/x-www-form-urlencoded", "text/plain"])
      expect((await send(gateway, "stranger", LEAD, { "content-type": type })).json()).toMatchObject({ code: "OV_HOOK_NOT_OPEN" });
    // Whose secret is known must sign also there.
    expect((await send(gateway, "github", LEAD, {})).statusCode).toBe(401);
    expect(await runsOf(gateway)).toHaveLength(1);
  });

  test("is another one with another id, and the same one with another body", async () => {
    await using gateway = await openListening();
    const [one, two] = [JSON.stringify({ company: "A" }), JSON.stringify({ company: "B" })];

    await send(gateway, "github", one, SIGNING.github(one, { id: "1" }));
    await send(gateway, "github", one, SIGNING.github(one, { id: "2" }));
    await send(gateway, "github", two, SIGNING.github(two, { id: "2" }));
    await send(gateway, "token", one, SIGNING.token(one, { id: `odd id ${"x".repeat(3_000)}` }));
    await send(gateway, "token", one, SIGNING.token(one, { id: `odd id ${"x".repeat(3_000)}` }));

    expect((await runsOf(gateway)).map(({ trigger, input }) => `${trigger} ${String(input.company)}`).toSorted()).toEqual([
      ...["from_github A", "from_github A", "from_token A"],
    ]);
  });

  test("of GitHub says in the input what has happened, and a ping starts nothing", async () => {
    await using gateway = await openListening();
    const body = JSON.stringify({ company: "A" });

    const ping = await send(gateway, "github", body, { ...SIGNING.github(body), "x-github-event": "ping" });
    await send(gateway, "github", body, SIGNING.github(body));

    expect([ping.statusCode, ping.json()]).toEqual([202, { runs: [] }]);
    expect(await runsOf(gateway)).toMatchObject([{ input: { company: "A", github_event: "push" } }]);
  });

  test("of Slack that asks whether somebody is there gets its challenge back", async () => {
    await using gateway = await openListening({}, []);
    const body = JSON.stringify({ type: "url_verification", challenge: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P" });

    const response = await send(gateway, "slack", body, SIGNING.slack(body));

    expect([response.statusCode, response.json()]).toEqual([200, { challenge: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P" }]);
    expect((await send(gateway, "slack", body, {})).statusCode).toBe(401);
  });

  test("of HubSpot holds many events, each a run of its own, once, also when an attempt is repeated in another batch", async () => {
    await using gateway = await openListening();
    const event = (n: number, attemptNumber: number) => ({ eventId: n, company: `C${n}`, attemptNumber });
    const first = JSON.stringify([event(1, 0), event(2, 0)]);
    const second = JSON.stringify([event(2, 1), event(3, 0)]);

    await send(gateway, "hubspot", first, SIGNING.hubspot(first));
    const response = await send(gateway, "hubspot", second, SIGNING.hubspot(second));

    expect(response.json()).toMatchObject({ runs: [{ replayed: true }, { replayed: false }] });
    expect((await runsOf(gateway)).map(({ input }) => input.company).toSorted()).toEqual(["C1", "C2", "C3"]);
  });

  test("of HubSpot is signed for the public address, where a proxy shows another one", async () => {
    await using gateway = await openListening({ hooks: { ...hooks, publicUrl: "https://hooks.example.com/" } });
    const headers = { ...SIGNING.hubspot(LEAD), host: "10.0.0.7:8000" };

    expect((await send(gateway, "hubspot", LEAD, headers)).statusCode).toBe(202);
  });

  test("may be a form, whose payload may be JSON", async () => {
    await using gateway = await openListening();
    const form = async (body: string) =>
      (await send(gateway, "hmac", body, { ...SIGNING.hmac(body), "content-type": "application/x-www-form-urlencoded" })).statusCode;

    expect(await form("company=Zo%C3%AB&fax=1&fax=2")).toBe(202);
    expect(await form(new URLSearchParams({ payload: JSON.stringify({ company: "P", employees: 3 }) }).toString())).toBe(202);
    expect(await form("__proto__=x")).toBe(400);
    expect((await runsOf(gateway)).map(({ input }) => input)).toEqual(
      expect.arrayContaining([{ company: "Zoë" }, { company: "P", employees: 3 }]),
    );
  });

  test.each([
    ["", "OV_BODY_REQUIRED"],
    ["{", "OV_JSON_INVALID"],
    ["5", "OV_REQUEST_INVALID"],
    ["null", "OV_REQUEST_INVALID"],
    ["[]", "OV_REQUEST_INVALID"],
    ["[1]", "OV_REQUEST_INVALID"],
    [JSON.stringify(Array.from({ length: 101 }, () => ({}))), "OV_REQUEST_INVALID"],
    ['{"company":"a","company":"b"}', "OV_DUPLICATE_KEY"],
    ['{"__proto__":{}}', "OV_RESERVED_KEY"],
    [`${"[".repeat(80)}${"]".repeat(80)}`, "OV_TOO_DEEP"],
  ])("whose body is %j is refused", async (body, code) => {
    await using gateway = await openListening();

    expect((await send(gateway, "token", body, SIGNING.token(body))).json()).toMatchObject({ code });
  });

  test.each([
    [{ "content-type": "text/plain" }, "OV_MEDIA_TYPE_UNSUPPORTED"],
    [{ "content-encoding": "gzip" }, "OV_MEDIA_TYPE_UNSUPPORTED"],
  ])("with %j is refused", async (headers, code) => {
    await using gateway = await openListening();

    expect((await send(gateway, "token", LEAD, { ...SIGNING.token(LEAD), ...headers } as Headers)).json()).toMatchObject({
      status: 415,
      code,
    });
  });

  test.each(["git_hub/lead", "GitHub/lead", "github/Lead", "github/_lead", `github/${"a".repeat(63)}`, "..%2f/lead", "github/a.b"])(
    "to /v1/hooks/%s is refused",
    async (address) => {
      await using gateway = await openListening();
      const [source = "", name = ""] = address.split("/");

      expect((await send(gateway, source, LEAD, SIGNING.token(LEAD), name)).json()).toMatchObject({ status: 400, code: "OV_ID_INVALID" });
    },
  );

  test("of more than a mebibyte is refused", async () => {
    await using gateway = await openListening();
    const body = JSON.stringify({ company: "x".repeat(1_048_576) });

    expect((await send(gateway, "token", body, SIGNING.token(body))).json()).toMatchObject({ code: "OV_BODY_TOO_LARGE" });
  });

  test("finds a trigger that was registered a moment ago", async () => {
    await using gateway = await openListening({}, []);
    await send(gateway, "token", LEAD, SIGNING.token(LEAD));
    const manifest = listener("late");
    await gateway.store.manifests.register(manifest, manifestVersion(manifest));

    expect((await send(gateway, "token", LEAD, SIGNING.token(LEAD))).statusCode).toBe(202);
  });

  test("leaves the other routes' bodies alone", async () => {
    await using gateway = await openListening();

    expect((await gateway.activate("text", { "content-type": "text/plain" })).statusCode).toBe(415);
    expect((await gateway.activate()).statusCode).toBe(202);
  });
});
