import { openNatsBus } from "@openvibe/bus/nats";
import { createContext } from "@openvibe/context";
import { newToken } from "@openvibe/core";
import { describe, expect, inject, test, vi } from "vitest";
import { type GatewayUnderTest, openGateway } from "../gateway.fixture.ts";
import { ContextEntryBody, ContextKeyBody } from "../schemas/context.ts";
import { pageOf } from "../schemas/json.ts";

const URL = "/v1/context/context-leads/stripe.score";
const put = (gateway: GatewayUnderTest, value: unknown, headers: Record<string, string> = {}, url = URL) =>
  gateway.ask("PUT", url, { headers: { "content-type": "application/json", ...headers }, payload: JSON.stringify(value) });

describe("a context entry", () => {
  test.each([[{ score: 85 }], [[1, 2]], ["text"], [12], [true], [null]])("%j is read as it was written", async (value) => {
    await using gateway = await openGateway();

    const written = await put(gateway, value);
    const read = await gateway.ask("GET", URL);

    expect(written.statusCode).toBe(200);
    expect(read.headers.etag).toBe(written.headers.etag);
    expect(ContextEntryBody.parse(read.json())).toMatchObject({ bucket: "context-leads", key: "stripe.score", value });
  });

  test("that is not there is 404", async () => {
    await using gateway = await openGateway();

    expect((await gateway.ask("GET", URL)).json()).toMatchObject({ status: 404, code: "OV_KEY_NOT_FOUND" });
  });

  test("is not sent again to a reader who has it", async () => {
    await using gateway = await openGateway();
    const etag = String((await put(gateway, 1)).headers.etag);

    for (const tag of [etag, `"0", ${etag}`, `W/${etag}`, "*"]) {
      const response = await gateway.ask("GET", URL, { headers: { "if-none-match": tag } });
      expect([response.statusCode, response.body, response.headers.etag]).toEqual([304, "", etag]);
    }
    await put(gateway, 2);
    expect((await gateway.ask("GET", URL, { headers: { "if-none-match": etag } })).json()).toMatchObject({ value: 2 });
  });
});

describe("a conditional write", () => {
  test("with If-Match writes over that entry only, and else tells the current one", async () => {
    await using gateway = await openGateway();
    const first = String((await put(gateway, 1)).headers.etag);

    const second = await put(gateway, 2, { "if-match": first });
    const stale = await put(gateway, 3, { "if-match": first });

    expect(second.statusCode).toBe(200);
    expect([stale.statusCode, stale.json(), stale.headers.etag]).toEqual([
      412,
      expect.objectContaining({ code: "OV_REVISION_CONFLICT" }),
      second.headers.etag,
    ]);
    expect((await gateway.ask("GET", URL)).json()).toMatchObject({ value: 2 });
  });

  test.each(["memory", "nats"])("of 32 at one key, by HTTP and by update, loses none: over %s", async (kind) => {
    const bus = kind === "nats" ? await openNatsBus({ servers: inject("natsUrl"), name: "writers", apply: { replicas: 1 } }) : undefined;
    await using gateway = await openGateway(bus === undefined ? {} : { bus });
    const name = `context-${newToken()
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, "x")}`;
    const url = `/v1/context/${name}/count`;
    const byUpdate = async () => {
      await createContext(gateway.bus.buckets)
        .bucket(name)
        .update<number>("count", (count = 0) => count + 1);
    };
    const byHttp = async () => {
      for (;;) {
        const read = await gateway.ask("GET", url);
        const value = read.statusCode === 404 ? 0 : read.json<{ value: number }>().value;
        const condition = read.statusCode === 404 ? { "if-none-match": "*" } : { "if-match": String(read.headers.etag) };
        const written = await put(gateway, value + 1, condition, url);
        if (written.statusCode !== 412) return expect([200, 201]).toContain(written.statusCode);
      }
    };

    await Promise.all(Array.from({ length: 32 }, (_, n) => (n % 2 === 0 ? byHttp() : byUpdate())));

    expect((await gateway.ask("GET", url)).json()).toMatchObject({ value: 32 });
  });

  test("with If-Match never makes an entry", async () => {
    await using gateway = await openGateway();

    for (const tag of ["*", '"0"', '"1"']) expect((await put(gateway, 1, { "if-match": tag })).statusCode).toBe(412);

    expect((await gateway.ask("GET", URL)).statusCode).toBe(404);
  });

  test("with a weak tag never matches", async () => {
    await using gateway = await openGateway();
    const { etag } = (await put(gateway, 1)).headers;

    expect((await put(gateway, 2, { "if-match": `W/${etag}` })).statusCode).toBe(412);
    expect((await put(gateway, 2, { "if-match": "*" })).statusCode).toBe(200);
  });

  test("with If-None-Match: * makes an entry only", async () => {
    await using gateway = await openGateway();

    const made = await put(gateway, 1, { "if-none-match": "*" });
    const again = await put(gateway, 2, { "if-none-match": "*" });

    expect(made.statusCode).toBe(201);
    expect([again.statusCode, again.headers.etag]).toEqual([412, made.headers.etag]);
  });

  test("of writers who all read the same entry lets one win", async () => {
    await using gateway = await openGateway();
    const etag = String((await put(gateway, 0)).headers.etag);
    const allHaveRead = Promise.withResolvers<void>();
    let readers = 0;
    const open = gateway.bus.buckets.bucket.bind(gateway.bus.buckets);
    vi.spyOn(gateway.bus.buckets, "bucket").mockImplementation((...of) => {
      const bucket = open(...of);
      const get: typeof bucket.get = async (key) => {
        const entry = await bucket.get(key);
        if (++readers === 4) allHaveRead.resolve();
        await allHaveRead.promise;
        return entry;
      };
      return Object.assign(Object.create(bucket), { get, putIf: bucket.putIf.bind(bucket), put: bucket.put.bind(bucket) });
    });

    const answers = await Promise.all([1, 2, 3, 4].map((value) => put(gateway, value, { "if-match": etag })));

    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412, 412, 412]);
  });

  test.each([
    [{ "if-match": "42" }, "If-Match"],
    [{ "if-none-match": '"42"' }, "If-None-Match"],
    [{ "if-match": "*", "if-none-match": "*" }, "If-None-Match"],
  ])("with %j is refused by name", async (headers, parameter) => {
    await using gateway = await openGateway();

    expect((await put(gateway, 1, headers as Record<string, string>)).json()).toMatchObject({
      status: 400,
      code: "OV_PARAMETER_INVALID",
      parameter,
    });
  });
});

describe("deleting", () => {
  const remove = (gateway: GatewayUnderTest, headers: Record<string, string> = {}) => gateway.ask("DELETE", URL, { headers });

  test("an entry leaves none, and a second time says so", async () => {
    await using gateway = await openGateway();
    await put(gateway, 1);

    const deleted = await remove(gateway);

    expect([deleted.statusCode, deleted.body]).toEqual([204, ""]);
    expect((await gateway.ask("GET", URL)).statusCode).toBe(404);
    expect((await remove(gateway)).json()).toMatchObject({ status: 404, code: "OV_KEY_NOT_FOUND" });
    expect((await put(gateway, 2, { "if-none-match": "*" })).statusCode).toBe(201);
  });

  test("with If-Match deletes that entry only, and else tells the current one", async () => {
    await using gateway = await openGateway();
    const first = String((await put(gateway, 1)).headers.etag);
    const second = String((await put(gateway, 2)).headers.etag);

    for (const tag of [first, `W/${second}`, '"0"']) {
      const refused = await remove(gateway, { "if-match": tag });
      expect([refused.statusCode, refused.json(), refused.headers.etag]).toEqual([
        412,
        expect.objectContaining({ code: "OV_REVISION_CONFLICT" }),
        second,
      ]);
    }
    expect((await gateway.ask("GET", URL)).json()).toMatchObject({ value: 2 });
    expect((await remove(gateway, { "if-match": `"0", ${second}` })).statusCode).toBe(204);
    for (const tag of ["*", second]) expect((await remove(gateway, { "if-match": tag })).statusCode).toBe(412);
  });

  test("with If-Match: * deletes whatever is there", async () => {
    await using gateway = await openGateway();
    await put(gateway, 1);

    expect((await remove(gateway, { "if-match": "*" })).statusCode).toBe(204);
  });

  test("with If-Match leaves alone what was written after the look at it", async () => {
    await using gateway = await openGateway();
    const etag = String((await put(gateway, 1)).headers.etag);
    const open = gateway.bus.buckets.bucket.bind(gateway.bus.buckets);
    vi.spyOn(gateway.bus.buckets, "bucket").mockImplementationOnce((...of) => {
      const bucket = open(...of);
      const get: typeof bucket.get = async (key) => {
        const entry = await bucket.get(key);
        await bucket.put(key, 2); // somebody else is faster
        return entry;
      };
      return Object.assign(Object.create(bucket), { get, delete: bucket.delete.bind(bucket) });
    });

    expect((await remove(gateway, { "if-match": etag })).statusCode).toBe(412);
    expect((await gateway.ask("GET", URL)).json()).toMatchObject({ value: 2 });
  });

  test("at once with one entity tag lets one win", async () => {
    await using gateway = await openGateway();
    const etag = String((await put(gateway, 1)).headers.etag);

    const answers = await Promise.all(Array.from({ length: 10 }, () => remove(gateway, { "if-match": etag })));

    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([204, ...Array(9).fill(412)]);
  });

  test.each([
    [{ "if-none-match": "*" }, "If-None-Match"],
    [{ "if-match": "42" }, "If-Match"],
  ])("with %j is refused by name", async (headers, parameter) => {
    await using gateway = await openGateway();
    await put(gateway, 1);

    expect((await remove(gateway, headers as Record<string, string>)).json()).toMatchObject({ status: 400, parameter });
    expect((await gateway.ask("GET", URL)).statusCode).toBe(200);
  });
});

describe("a bucket's keys", () => {
  const LIST = "/v1/context/context-leads";
  const Page = pageOf(ContextKeyBody.strict());

  test("are listed without values, in their own order, each with its revision, time and size", async () => {
    await using gateway = await openGateway();
    for (const [key, value] of [["zeta", 1] as const, ["acme", { text: "ünï" }] as const]) await put(gateway, value, {}, `${LIST}/${key}`);
    const entry = (await gateway.ask("GET", `${LIST}/acme`)).json<{ revision: number; updated_at: string }>();

    const page = Page.parse((await gateway.ask("GET", LIST)).json());

    expect(page).toMatchObject({ has_more: false, next_cursor: null });
    expect(page.data.map(({ key }) => key)).toEqual(["acme", "zeta"]);
    expect(page.data[0]).toEqual({
      key: "acme",
      revision: entry.revision,
      created_at: entry.updated_at,
      size: Buffer.byteLength('{"text":"ünï"}'),
    });
  });

  test("come in pages, by prefix, each once", async () => {
    await using gateway = await openGateway();
    const keys = Array.from({ length: 7 }, (_, n) => `leads.k${n}`);
    for (const key of [...keys, "deals.k0"]) await put(gateway, 1, {}, `${LIST}/${key}`);

    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? "" : `&cursor=${cursor}`;
      const page = Page.parse((await gateway.ask("GET", `${LIST}?prefix=leads.&limit=3${query}`)).json());
      seen.push(...page.data.map(({ key }) => key));
      cursor = page.next_cursor;
      if (cursor !== null) {
        for (const other of [
          `${LIST}?prefix=deals&cursor=${cursor}`,
          `/v1/context/context-others?prefix=leads.&cursor=${cursor}`,
          `/v1/runs?cursor=${cursor}`,
        ])
          expect((await gateway.ask("GET", other)).json()).toMatchObject({ status: 400, parameter: "cursor" });
      }
    } while (cursor !== null);

    expect(seen).toEqual(keys);
  });

  test("of a bucket that nobody has written to are none", async () => {
    await using gateway = await openGateway();

    expect(Page.parse((await gateway.ask("GET", "/v1/context/context-empty")).json()).data).toEqual([]);
  });
});

describe("what is refused", () => {
  test("a value above 256 KB", async () => {
    await using gateway = await openGateway();

    const response = await put(gateway, "x".repeat(2 * 1024 * 1024));

    expect(response.json()).toMatchObject({ status: 413, code: "OV_BODY_TOO_LARGE", max_bytes: 262_144 });
  });

  test.each([
    ["/v1/context/leads/key", "a bucket that is none of context"],
    ["/v1/context/context-A/key", "a bucket with a capital letter"],
    [`/v1/context/context-leads/${"k".repeat(300)}`, "a key of 300 characters"],
    ["/v1/context/context-leads/a%20b", "a key with a space"],
    ["/v1/context/context-leads/a..b", "a key with two dots"],
    ["/v1/context/context-leads/a%2Fb", "a key with a slash"],
    ["/v1/context/context-leads/%3E", "a key with a wildcard"],
  ])("%s: %s", async (url) => {
    await using gateway = await openGateway();

    expect((await put(gateway, 1, {}, url)).json()).toMatchObject({ status: 400, code: "OV_ID_INVALID" });
    expect((await gateway.ask("GET", url)).json()).toMatchObject({ status: 400, code: "OV_ID_INVALID" });
  });
});
