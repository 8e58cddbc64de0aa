/** The main job over two servers and a NATS cluster; and what only NATS has besides. */
import { headers } from "@nats-io/transport-node";
import { describe, expect, test } from "vitest";
import { runCommand } from "../support/e2e-command.ts";
import { INTEL_RECORD, INTEL_REPLY } from "../support/e2e-leads.ts";
import { meshSuite, startMesh } from "../support/e2e-mesh-suite.ts";
import { startNatsRig } from "../support/e2e-rig.ts";
import { expectTwentyLeads } from "../support/e2e-twenty-leads.ts";

const mesh = startMesh(startNatsRig);

meshSuite(mesh);

describe("a program of any language asks company_intel over NATS", () => {
  const ask = async (body: string, fields: Readonly<Record<string, string>> = {}) => {
    const hdrs = headers();
    for (const [name, value] of Object.entries(fields)) hdrs.set(name, value);
    const options = { timeout: 20_000, ...(Object.keys(fields).length === 0 ? {} : { headers: hdrs }) };
    return (await mesh.rig.nc.request("operators.company_intel.request.research", body, options)).json();
  };

  test.each<[string, Readonly<Record<string, string>>]>([
    ["plain JSON", {}],
    ["headers that mean nothing", { "ov-ask-id": "%E0%A4%A", "ov-deadline": "soon", traceparent: "x" }],
  ])("with %s, and gets the catalogue's reply", async (_, fields) => {
    await mesh.rig.forget();

    const reply = await ask('{"company":"Stripe"}', fields);

    expect(reply).toEqual(INTEL_REPLY);
    expect(await mesh.revenue.client.context("context-companies", "stripe.intel")).toEqual({
      ...INTEL_RECORD,
      run_id: (reply as { run_id: string }).run_id,
    });
  });

  test("twice under one id, and is answered by one run", async () => {
    mesh.rig.vendor.forget();

    const replies = await Promise.all([1, 2].map(() => ask('{"company":"Stripe"}', { "ov-ask-id": "the same" })));

    expect(replies[1]).toEqual(replies[0]);
    expect(mesh.rig.vendor.asked()).toHaveLength(2);
  });

  test.each(["", "{}", "[]", '"Stripe"', '{"company":5}', '{"company":"a","company":"b"}', "no JSON", "\u0000\u0001"])(
    "with %j, and is told what is wrong",
    async (body) => {
      mesh.rig.vendor.forget();

      const reply = await ask(body);

      expect(reply).toEqual({ error: { code: expect.stringMatching(/^OV_/), message: expect.stringMatching(/company_intel\.research/) } });
      expect(mesh.rig.vendor.asked()).toEqual([]);
    },
  );
});

test("the leader of the cluster is killed in the middle of 20 leads: all end completed, none was worked on twice", async () => {
  const { cluster } = mesh.rig;
  const leader = await findLeader();
  let applied: ReturnType<typeof runCommand> | undefined;

  await expectTwentyLeads(mesh, {
    async strike() {
      await leader.kill();
      applied = runCommand(["nats", "apply", "--replicas", "3"], { NATS_URL: cluster.urls.join(",") });
    },
    async mend() {
      await leader.start();
      await cluster.ready();
    },
  });

  expect(await applied, "what every server does when it starts").toMatchObject({ exitCode: 0, stderr: "" });
});

/** The server that leads the cluster, by the word of its members. */
async function findLeader() {
  const names = await Promise.all(
    mesh.rig.cluster.servers.map(async ({ monitorUrl }) => (await readMonitor<{ server_name: string }>(monitorUrl, "varz")).server_name),
  );
  const { meta_cluster } = await readMonitor<{ meta_cluster: { leader: string } }>(mesh.rig.cluster.servers[0]?.monitorUrl, "jsz");
  const leader = mesh.rig.cluster.servers[names.indexOf(meta_cluster.leader)];
  if (leader === undefined) throw new Error(`no member is called ${meta_cluster.leader}`);
  return leader;
}

async function readMonitor<T>(url: string | undefined, page: string): Promise<T> {
  return (await (await fetch(`${url}/${page}`)).json()) as T;
}
