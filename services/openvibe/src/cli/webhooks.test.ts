import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { HELLO, openvibe, startServer } from "../spawn-node.fixture.ts";

test("openvibe webhooks adds one with its secret, lists it, tests it, tells how that went, and ends it", async () => {
  await using server = await startServer([HELLO], { env: { OPENVIBE_STORE: "memory", OPENVIBE_LOG_LEVEL: "error" } });
  const types: unknown[] = [];
  const receiver = createServer(async (request, response) => {
    for await (const chunk of request) types.push((JSON.parse(String(chunk)) as { type: string }).type);
    response.writeHead(204).end();
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
  const command = (...args: string[]) => openvibe(["webhooks", ...args], { env: { OPENVIBE_URL: server.url } });

  const added = await command("add", url, "--types", "run.completed,lead.*", "--ordered", "--description", "ours");
  const [id = ""] = /sub_\w+/.exec(added.out) ?? [];
  expect(added.out).toMatch(/^sub_\w{16} {2}http:\/\/127\.0\.0\.1:\d+\/hooks\n {2}secret whsec_\S{44}\n$/);
  expect(added.err).toBe(`openvibe: the secret is not shown again; try it with: openvibe webhooks test ${id}\n`);
  expect((await command("ls")).out).toMatch(new RegExp(`^SUBSCRIPTION .*\n${id} +enabled +run\\.completed,lead\\.\\* +${url}\n$`));

  const tested = await command("test", id, "--json");
  const { delivery_id: delivery } = JSON.parse(tested.out) as { delivery_id: string };
  await vi.waitFor(() => expect(types).toEqual(["subscription.test"]), { timeout: 15_000 });
  await vi.waitFor(
    async () => {
      expect((await command("attempts", id, "--delivery", delivery)).out).toMatch(
        new RegExp(`\n${delivery} +1 +\\S+Z +\\d+ +204 +delivered\n$`),
      );
    },
    { timeout: 15_000 },
  );

  expect((await command("rm", id)).out).toBe(`${id} is deleted\n`);
  expect(await command("rm", id)).toMatchObject({ code: 6, err: expect.stringContaining(`there is no subscription ${id}`) as string });
  expect(await command("add", "http://10.0.0.1/", "--types", "*")).toMatchObject({
    code: 2,
    err: expect.stringContaining("10.0.0.1") as string,
  });
  receiver.close();
}, 60_000);
