import { createAuth, createTargetGuard, hashOfKey, LOOPBACK_TARGETS } from "@openvibe/http";
import { describe, expect, test } from "vitest";
import { type GatewayUnderTest, openGateway } from "../gateway.fixture.ts";
import { DeliveryBody, SubscriptionBody, SubscriptionWithSecretBody } from "../schemas/subscriptions.ts";

const VALID = { url: "https://example.com/hooks", types: ["run.*", "lead.qualified", "run.*"] };
const LIST = "/v1/events/subscriptions";

interface Made {
  readonly subscription_id: string;
  readonly secret: string;
}

async function subscribe(gateway: GatewayUnderTest, body: object = VALID): Promise<Made> {
  const response = await gateway.ask("POST", "/v1/events/subscribe", { payload: body });
  expect(response.statusCode).toBe(201);
  return response.json<Made>();
}

describe("subscribing", () => {
  test("gives the subscription with its secret, which is shown nowhere else", async () => {
    await using gateway = await openGateway();
    await gateway.start();
    const body = { ...VALID, operators: ["sales"], ordered: true, description: "Zoë's CRM" };

    const response = await gateway.ask("POST", "/v1/events/subscribe", { payload: body });
    const made = response.json<Made>();
    const address = `${LIST}/${made.subscription_id}`;
    const [one, list] = [await gateway.ask("GET", address), await gateway.ask("GET", LIST)];

    expect(response.statusCode).toBe(201);
    expect(response.headers.location).toBe(address);
    expect(SubscriptionWithSecretBody.strict().parse(made)).toMatchObject({
      ...{ url: VALID.url, types: ["run.*", "lead.qualified"], operators: ["sales"], ordered: true, description: "Zoë's CRM" },
      ...{ status: "enabled", secrets: 1, secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) as string },
    });
    expect(SubscriptionBody.strict().parse(one.json())).toEqual({ ...made, secret: undefined });
    expect(list.json()).toEqual({ data: [one.json()], has_more: false, next_cursor: null });
    // From the log's end on: what was before is nobody's to be sent.
    expect(await gateway.store.subscriptions.list()).toMatchObject([{ fromPosition: (await gateway.bus.log.bounds()).last }]);
  });

  test("takes a secret of the caller's own", async () => {
    await using gateway = await openGateway();
    const secret = `whsec_${Buffer.alloc(24, "k").toString("base64")}`;

    expect((await subscribe(gateway, { ...VALID, secret })).secret).toBe(secret);
  });

  test.each([
    ["no body", undefined, "OV_BODY_REQUIRED", ""],
    ["a list", [], "OV_REQUEST_INVALID", ""],
    ["no url", { types: ["*"] }, "OV_REQUEST_INVALID", "/url"],
    ["47: http", { ...VALID, url: "http://example.com/" }, "OV_URL_NOT_ALLOWED", "/url"],
    ["47: a file", { ...VALID, url: "file:///etc/passwd" }, "OV_URL_NOT_ALLOWED", "/url"],
    ["47: a user and password", { ...VALID, url: "https://a:b@example.com" }, "OV_URL_NOT_ALLOWED", "/url"],
    ["48: loopback", { ...VALID, url: "https://2130706433/" }, "OV_URL_NOT_ALLOWED", "/url"],
    ["48: metadata", { ...VALID, url: "https://[::ffff:169.254.169.254]/" }, "OV_URL_NOT_ALLOWED", "/url"],
    ["no types", { url: VALID.url }, "OV_REQUEST_INVALID", "/types"],
    ["an empty list of types", { ...VALID, types: [] }, "OV_REQUEST_INVALID", "/types"],
    ["55: a misspelt type", { ...VALID, types: ["lead.qualified", "run.compleeted"] }, "OV_REQUEST_INVALID", "/types/1"],
    ["55: a wildcard of NATS", { ...VALID, types: [">"] }, "OV_REQUEST_INVALID", "/types/0"],
    ["a live type", { ...VALID, types: ["llm.delta"] }, "OV_REQUEST_INVALID", "/types/0"],
    ["56: a secret of 8 bytes", { ...VALID, secret: "whsec_MTIzNDU2Nzg=" }, "OV_REQUEST_INVALID", "/secret"],
    ["56: a secret without its form", { ...VALID, secret: "a".repeat(40) }, "OV_REQUEST_INVALID", "/secret"],
    ["operators that are none", { ...VALID, operators: ["No Operator"] }, "OV_REQUEST_INVALID", "/operators"],
    ["a text for ordered", { ...VALID, ordered: "true" }, "OV_REQUEST_INVALID", "/ordered"],
    ["a description of two lines", { ...VALID, description: "a\nb" }, "OV_REQUEST_INVALID", "/description"],
    ["an unknown field", { ...VALID, secrets: 1 }, "OV_UNKNOWN_FIELD", "/secrets"],
  ])("%s is refused", async (_what, payload, code, pointer) => {
    await using gateway = await openGateway();

    const response = await gateway.ask("POST", "/v1/events/subscribe", payload === undefined ? {} : { payload });

    const problem = response.json<{ errors?: readonly { pointer: string }[] }>();
    expect([response.statusCode, problem]).toMatchObject([400, { code }]);
    if (pointer !== "") expect(problem.errors?.[0]?.pointer).toBe(pointer);
    expect(await gateway.store.subscriptions.list()).toEqual([]);
  });

  test("55, 56: what is refused tells what is allowed", async () => {
    await using gateway = await openGateway();
    const detail = async (change: object) =>
      (await gateway.ask("POST", "/v1/events/subscribe", { payload: { ...VALID, ...change } })).json<{ detail: string }>().detail;

    expect(await detail({ types: ["run.compleeted"] })).toMatch(/did you mean "run\.completed"\?; of OpenVibe's own there are run\.queued/);
    expect(await detail({ secret: "whsec_MTIzNDU2Nzg=" })).toMatch(/24 to 64 random bytes/);
    expect(await detail({ url: "https://127.1/" })).toMatch(/127\.0\.0\.1 is no address of the public internet.*OPENVIBE_WEBHOOKS_ALLOW/);
  });

  test("where loopback is allowed, takes a receiver there", async () => {
    await using gateway = await openGateway({ targets: createTargetGuard({ allow: LOOPBACK_TARGETS }) });

    expect(await subscribe(gateway, { url: "http://localhost:3000/hooks", types: ["*"] })).toMatchObject({
      url: "http://localhost:3000/hooks",
    });
  });
});

describe("a subscription", () => {
  test("is paused, enabled, changed and ended", async () => {
    await using gateway = await openGateway();
    const { subscription_id: id } = await subscribe(gateway);
    const change = async (payload: object) => await gateway.app.inject({ method: "PATCH", url: `${LIST}/${id}`, payload });

    expect((await change({ status: "paused" })).json()).toMatchObject({ status: "paused", url: VALID.url });
    expect(
      (await change({ status: "enabled", types: ["lead.*"], url: "https://other.example.com/x", description: "d" })).json(),
    ).toMatchObject({
      ...{ status: "enabled", types: ["lead.*"], url: "https://other.example.com/x", description: "d" },
    });
    for (const wrong of [{ status: "disabled" }, { types: ["run.compleeted"] }, { secret: "x" }, { url: "https://10.0.0.1" }, []])
      expect((await change(wrong)).statusCode).toBe(400);
    expect((await gateway.ask("DELETE", `${LIST}/${id}`)).statusCode).toBe(204);
    expect((await gateway.ask("DELETE", `${LIST}/${id}`)).statusCode).toBe(404);
  });

  test("gets another secret, and for a day both sign", async () => {
    await using gateway = await openGateway();
    const { subscription_id: id, secret } = await subscribe(gateway);
    const made = (await gateway.ask("POST", `${LIST}/${id}/rotate-secret`)).json<Made & { secrets: number }>();

    expect(made.secret).not.toBe(secret);
    expect(made.secrets).toBe(2);
    expect(await gateway.store.subscriptions.find(id)).toMatchObject({ secret: made.secret, previousSecret: secret });
    for (const path of ["rotate-secret", "test"])
      expect((await gateway.ask("POST", `${LIST}/${id}/${path}`, { payload: { secret: "mine" } })).statusCode).toBe(400);
  });

  test("is tested by a delivery, which is listed, sent again, and has its attempts", async () => {
    await using gateway = await openGateway();
    const { subscription_id: id } = await subscribe(gateway);

    const tested = await gateway.ask("POST", `${LIST}/${id}/test`);
    const delivery = DeliveryBody.strict().parse(tested.json());
    const [taken] = await gateway.store.deliveries.take({ subscriptionId: id, limit: 5, leaseMs: 1_000, ordered: false });
    await gateway.store.deliveries.end(
      {
        ...{ attemptId: `${delivery.delivery_id}-1`, deliveryId: delivery.delivery_id, subscriptionId: id, attempt: 1 },
        ...{ startedAt: 1_764_000_000_000, durationMs: 12, statusCode: 500, error: "http_500", detail: null, response: "oops" },
      },
      { did: "dead_lettered" },
    );
    const dead = await gateway.ask("GET", `${LIST}/${id}/deliveries?status=dead_lettered`);
    const attempts = await gateway.ask("GET", `${LIST}/${id}/attempts?delivery_id=${delivery.delivery_id}`);
    const resent = await gateway.ask("POST", `${LIST}/${id}/resend`, { payload: { delivery_id: delivery.delivery_id } });

    expect([tested.statusCode, taken?.type, JSON.parse(taken?.body ?? "")]).toMatchObject([
      202,
      "subscription.test",
      { type: "subscription.test" },
    ]);
    expect(dead.json()).toMatchObject({ data: [{ delivery_id: delivery.delivery_id, status: "dead_lettered", last_error: "http_500" }] });
    expect(attempts.json()).toMatchObject({ data: [{ attempt: 1, status_code: 500, response: "oops", duration_ms: 12 }], has_more: false });
    expect([resent.statusCode, resent.json()]).toMatchObject([202, { status: "pending", attempts: 1, ended_at: null }]);
    expect((await gateway.ask("POST", `${LIST}/${id}/resend`, { payload: { delivery_id: "dlv_none" } })).json()).toMatchObject({
      code: "OV_DELIVERY_NOT_FOUND",
    });
  });

  test("that is disabled is not tested until it is enabled", async () => {
    await using gateway = await openGateway();
    const { subscription_id: id } = await subscribe(gateway);
    await gateway.store.subscriptions.disable(id, "its receiver answered 410 Gone");

    expect((await gateway.ask("GET", `${LIST}/${id}`)).json()).toMatchObject({
      status: "disabled",
      reason: "its receiver answered 410 Gone",
    });
    expect((await gateway.ask("POST", `${LIST}/${id}/test`)).json()).toMatchObject({ status: 409, code: "OV_SUBSCRIPTION_DISABLED" });
  });

  test("lists its deliveries in pages", async () => {
    await using gateway = await openGateway();
    const { subscription_id: id } = await subscribe(gateway);
    for (let n = 0; n < 5; n++) await gateway.ask("POST", `${LIST}/${id}/test`);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const url: string = `${LIST}/${id}/deliveries?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`;
      const page: { data: { delivery_id: string }[]; next_cursor: string | null } = (await gateway.ask("GET", url)).json();
      seen.push(...page.data.map(({ delivery_id }) => delivery_id));
      cursor = page.next_cursor;
    }

    expect(new Set(seen).size).toBe(5);
    expect((await gateway.ask("GET", `${LIST}/${id}/deliveries?status=lost`)).statusCode).toBe(400);
  });

  test.each([
    [{ from: "2026-11-22T10:00:00Z", to: "2026-11-22T11:00:00+01:00" }, 202],
    [{ from: "2026-11-22T10:00:00Z" }, 202],
    [{ from: "2026-11-22T12:00:00Z", to: "2026-11-22T11:00:00Z" }, 400],
    [{ from: "yesterday" }, 400],
    [{}, 400],
    [{ from: "2026-11-22T10:00:00Z", since: 1 }, 400],
  ])("is sent a time again: %j is answered with %d", async (payload, status) => {
    await using gateway = await openGateway();
    const { subscription_id: id } = await subscribe(gateway);

    const response = await gateway.ask("POST", `${LIST}/${id}/replay`, { payload });

    expect(response.statusCode).toBe(status);
    if (status === 202) expect(SubscriptionBody.strict().parse(response.json()).replay).toMatchObject({ from: "2026-11-22T10:00:00.000Z" });
  });

  test.each([
    ["GET", ""],
    ["DELETE", ""],
    ["GET", "/deliveries"],
    ["GET", "/attempts"],
    ["POST", "/test"],
    ["POST", "/rotate-secret"],
  ] as const)("that is not there is told so: %s …%s", async (method, path) => {
    await using gateway = await openGateway();

    const response = await gateway.ask(method, `${LIST}/sub_none${path}`);

    expect(response.json()).toMatchObject({ status: 404, code: "OV_SUBSCRIPTION_NOT_FOUND" });
  });
});

test("nobody who may not read everything may have events sent", async () => {
  const keys = [
    { name: "run", hash: hashOfKey("ov_run"), scopes: ["run", "read"] as ("run" | "read")[] },
    { name: "sales", hash: hashOfKey("ov_sales"), scopes: ["admin"] as "admin"[], operators: ["sales"] },
    { name: "boss", hash: hashOfKey("ov_boss"), scopes: ["admin"] as "admin"[] },
  ];
  await using gateway = await openGateway({ auth: createAuth({ keys }) });
  const as = async (key: string) => {
    const headers = { authorization: `Bearer ${key}` };
    return (await gateway.ask("POST", "/v1/events/subscribe", { payload: VALID, headers })).statusCode;
  };

  expect([await as("ov_run"), await as("ov_sales"), await as("ov_boss")]).toEqual([403, 403, 201]);
});
