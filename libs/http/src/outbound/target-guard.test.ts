import { describe, expect, test } from "vitest";
import { isPublicAddress } from "./addresses.ts";
import { createTargetGuard, LOOPBACK_TARGETS } from "./target-guard.ts";

const guard = createTargetGuard();
const refusal = (detail: RegExp) =>
  expect.objectContaining({ code: "OV_URL_NOT_ALLOWED", message: expect.stringMatching(detail) as string });

describe("an address that somebody gave", () => {
  test.each([
    "https://example.com/hooks",
    "https://example.com:8443/hooks?a=b#c",
    "https://example.com:443",
    "https://example.com:80",
    "https://93.184.216.34/x",
    "https://[2606:2800:220:1::1]:9000/",
    "https://bücher.example/hooks",
    "https://hooks.example.com.",
  ])("may be %s", (url) => {
    expect(guard.parse(url).protocol).toBe("https:");
  });

  test.each([
    ["http://example.com/", /http: is not allowed/],
    ["file:///etc/passwd", /file: is not allowed/],
    ["unix:/var/run/docker.sock", /unix: is not allowed/],
    ["data:text/plain,x", /data: is not allowed/],
    ["ftp://example.com/", /ftp: is not allowed/],
    ["https://example.com:0/", /port 0 is not allowed; allowed are 443, 80/],
    ["https://example.com:22/", /port 22/],
    ["https://example.com:25/", /port 25/],
    ["https://user:pass@example.com/", /user and password/],
    ["https://user@example.com/", /user and password/],
    ["example.com/hooks", /no URL/],
    ["", /no URL/],
    ["https://exa mple.com/", /no URL/],
    ["https://example.com/\r\nx-injected: 1", /no URL/],
    [`https://example.com/${"a".repeat(2_100)}`, /longer than 2048/],
  ])("47: may not be %s", (url, detail) => {
    expect(() => guard.parse(url)).toThrow(refusal(detail));
  });

  test.each([
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fe80::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "10.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "x.localhost",
    "metadata.google.internal",
    "printer.local",
    "router.lan",
    "gateway",
  ])("48: may not be https://%s/, nor by http", (host) => {
    expect(() => guard.parse(`https://${host}/`)).toThrow(refusal(/public internet/));
    expect(() => guard.parse(`http://${host}/`)).toThrow(refusal(/public internet/));
  });

  test.each(["http:\\\\127.0.0.1", "http:127.0.0.1", "https:/127.0.0.1/", "https://example.com@127.0.0.1/"])("48: may not be %s", (url) => {
    expect(() => guard.parse(url)).toThrow(expect.objectContaining({ code: "OV_URL_NOT_ALLOWED" }));
  });
});

describe("what is listed", () => {
  const listed = createTargetGuard({ allow: ["hooks.internal", "*.corp.example", "10.0.0.0/8", "fd00::/8", "127.0.0.1"] });

  test.each([
    "http://hooks.internal/x",
    "https://hooks.internal:9000/",
    "http://a.b.corp.example/",
    "http://10.1.2.3:8080/",
    "https://[fd00::5]/",
    "http://127.0.0.1:3000/",
    "https://example.com/",
  ])("may be called: %s", (url) => {
    expect(listed.parse(url)).toBeInstanceOf(URL);
  });

  test.each([
    "http://corp.example/",
    "http://evilcorp.example/",
    "https://11.0.0.1.internal/",
    "https://192.168.0.1/",
    "https://127.0.0.2/",
    "http://hooks.internal:22/",
    "https://hooks.internal.evil.internal/",
  ])("lets nothing else in: %s", (url) => {
    expect(() => listed.parse(url)).toThrow(expect.objectContaining({ code: "OV_URL_NOT_ALLOWED" }));
  });

  test("a listed name may have any address, another name only public and listed ones", () => {
    expect(listed.allows("hooks.internal", "192.168.0.1")).toBe(true);
    expect(listed.allows("example.com", "192.168.0.1")).toBe(false);
    expect(listed.allows("example.com", "10.9.9.9")).toBe(true);
    expect(listed.allows("example.com", "fe80::1%eth0")).toBe(false);
  });

  test("loopback, where nobody else reaches the server", () => {
    const open = createTargetGuard({ allow: LOOPBACK_TARGETS });

    for (const host of ["localhost:3000", "127.0.0.1:3000", "[::1]:3000"]) expect(open.parse(`http://${host}/`)).toBeInstanceOf(URL);
    expect(() => open.parse("http://192.168.0.1:3000/")).toThrow();
    expect(() => open.parse("http://example.com/")).toThrow(/http: is not allowed/);
  });

  test.each(["10.0.0.0/33", "10.0.0.0/8/8", "::1/129", "10.0.0", "http://x", "a b", "10.0.0.0/x", "*"])(
    "an entry %j is refused at the start",
    (entry) => {
      expect(() => createTargetGuard({ allow: [entry] })).toThrow(expect.objectContaining({ code: "OV_CONFIG_INVALID" }));
    },
  );
});

test.each(["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001:800::200e"])("%s is a public address", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});
