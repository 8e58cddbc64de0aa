import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, test, vi } from "vitest";

const PROBE = fileURLToPath(new URL("./run-service.fixture.ts", import.meta.url));

/** Starts the probe as a process of its own, with nothing in its environment but what is given. */
function startProbe(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ["-C", "openvibe-source", PROBE], {
    env: { PATH: process.env.PATH ?? "", OPENVIBE_STORE: "memory", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.err += text;
  });
  const closed = once(child, "close").then(([code]) => code as number | null);
  return {
    said,
    closed,
    signal: (name: NodeJS.Signals) => child.kill(name),
    until: (text: string) => vi.waitUntil(() => said.out.includes(text), { timeout: 10_000 }),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await closed;
    },
  };
}

describe("a service", () => {
  test("that is done exits with 0", async () => {
    await using probe = startProbe({ OPENVIBE_TEST_PROBE: "end", OPENVIBE_SLOTS: "7" });

    expect(await probe.closed).toBe(0);
    expect(probe.said).toEqual({ out: "ready with sqlite and memory, slots 7\n", err: "" });
  });

  test.each(["SIGTERM", "SIGINT"] as const)("drains on %s and exits with 0", async (name) => {
    await using probe = startProbe({});
    await probe.until("ready");

    probe.signal(name);

    expect(await probe.closed).toBe(0);
    expect(probe.said.out).toContain(`draining after ${name}\ndrained\n`);
    expect(probe.said.err).toBe("");
  });

  test.each([
    ["SIGINT", "SIGINT"],
    ["SIGTERM", "SIGINT"],
  ] as const)("that drains for long after %s is ended at once by %s, with 130", async (first, second) => {
    await using probe = startProbe({ OPENVIBE_TEST_PROBE: "never_drain" });
    await probe.until("ready");
    probe.signal(first);
    await probe.until("draining");

    probe.signal(second);

    expect(await probe.closed).toBe(130);
  });

  test("drains on however often it is asked to by SIGTERM", async () => {
    await using probe = startProbe({ OPENVIBE_TEST_PROBE: "drain_until_usr2" });
    await probe.until("ready");
    probe.signal("SIGTERM");
    await probe.until("draining");

    probe.signal("SIGTERM");
    probe.signal("SIGUSR2");

    expect(await probe.closed).toBe(0);
    expect(probe.said.out).toContain("drained\n");
  });

  test("whose drain fails says why, and has ended as it was asked to", async () => {
    await using probe = startProbe({ OPENVIBE_TEST_PROBE: "fail_drain" });
    await probe.until("ready");

    probe.signal("SIGTERM");

    expect(await probe.closed).toBe(0);
    expect(probe.said.err).toBe("openvibe probe: a connection would not close\n");
  });
});

describe("a service that cannot run says so in one line", () => {
  test.each<[string, Record<string, string>, number, RegExp]>([
    ["a wrong variable", { OPENVIBE_BUS: "natss" }, 2, /^openvibe probe: OPENVIBE_BUS must be memory or nats or redis\n$/],
    [
      "a variable that is none",
      { OPENVIBE_PROT: "1" },
      2,
      /^openvibe probe: OPENVIBE_PROT is no variable.*did you mean OPENVIBE_PORT\?\n$/,
    ],
    ["faults outside of tests", { OPENVIBE_TEST_FAULTS: "noOwnerCheck" }, 2, /^openvibe probe: OPENVIBE_TEST_FAULTS .*\n$/],
    ["a wrong definition", { OPENVIBE_TEST_PROBE: "fail_definition" }, 2, /^openvibe probe: workflow a has no steps\n$/],
    ["a failure that may pass", { OPENVIBE_TEST_PROBE: "fail" }, 1, /^openvibe probe: .* is gone\n$/],
    [
      "a folder that cannot be made",
      { OPENVIBE_STORE: "", OPENVIBE_SQLITE_PATH: "/dev/null/runs.db" },
      1,
      /^openvibe probe: SQLite store \/dev\/null\/runs\.db cannot be opened: E[A-Z]+: .*\n$/,
    ],
  ])("%s", async (_what, env, code, line) => {
    await using probe = startProbe(env);

    expect(await probe.closed).toBe(code);
    expect(probe.said.err).toMatch(line);
    expect(probe.said.out.includes("ready")).toBe(env.OPENVIBE_TEST_PROBE !== undefined);
  });

  test("without the secrets it was given", async () => {
    await using probe = startProbe({ OPENVIBE_TEST_PROBE: "fail", OPENVIBE_API_KEYS: "hunter2-hunter2" });

    expect(await probe.closed).toBe(1);
    expect(probe.said.err).toMatch(/is gone/);
    expect(probe.said.err + probe.said.out).not.toContain("hunter2");
  });

  test("when only the store could be opened, and lets go of it", async () => {
    const servers = inject("natsUrl").replace("nats://", "nats://user:hunter2-hunter2@");
    const three = { NATS_URL: servers, OPENVIBE_NATS_REPLICAS: "3" }; // more copies than there are servers
    await using probe = startProbe({ ...three, OPENVIBE_STORE: "", DATABASE_URL: inject("postgresUrl"), OPENVIBE_LOG_LEVEL: "error" });

    expect(await probe.closed).toBe(2);
    expect(probe.said.err).toMatch(/^openvibe probe: .*\n$/);
    expect(probe.said.err + probe.said.out).not.toContain("hunter2");
  });
});
