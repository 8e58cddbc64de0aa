/** Twenty leads over both gateways while a part of the broker is struck: all end completed, and none is worked on twice. */
import { expect } from "vitest";
import type { Client, RunBody } from "./e2e-client.ts";
import { LEADS, type LeadCase } from "./e2e-leads.ts";
import { input, type Servers } from "./e2e-mesh-suite.ts";
import type { Rig } from "./e2e-rig.ts";
import { until } from "./e2e-until.ts";

export interface Struck {
  /** Before the ninth lead. */
  strike(): Promise<void>;
  /** When all have ended. */
  mend(): Promise<void>;
}

export async function expectTwentyLeads({ rig, revenue, intel }: Servers<Rig>, { strike, mend }: Struck): Promise<void> {
  const { client } = revenue;
  await rig.forget();
  await client.run("revenue_ops", "new_lead", input("lead_sales"));
  await rig.forget({ keepIntel: true });
  rig.vendor.slow(500);

  const started: RunBody[] = [];
  let unfinished = 0;
  let struckAt = 0;
  for (let number = 0; number < 20; number++) {
    if (number === 8) {
      await strike();
      struckAt = Date.now();
      unfinished = (await Promise.all(started.map(({ run_id }) => client.get("revenue_ops", run_id)))).filter(isUnfinished).length;
    }
    const { trigger, contactId } = leadOf(number);
    started.push(await (number % 2 === 0 ? revenue : intel).client.activate("revenue_ops", trigger, input(contactId)));
  }
  const ended = await Promise.all(started.map(({ run_id }) => untilEnded(client, run_id)));
  process.stdout.write(`the strike met ${unfinished} leads on their way; all 20 had ended ${Date.now() - struckAt} ms after it\n`);
  await mend();
  const events = await Promise.all(started.map(({ run_id }) => client.events("revenue_ops", run_id)));
  rig.vendor.slow(0);

  expect(unfinished, "leads under way when the broker was struck").toBeGreaterThan(0);
  expect(ended.map(({ status, output }) => [status, output.route])).toEqual(
    started.map((_, number) => ["completed", leadOf(number).route]),
  );
  expect(ended.map(({ attempt }) => attempt)).toEqual(started.map(() => 1));
  expect(rig.vendor.asked("score")).toHaveLength(20);
  expect(events.map((ofRun) => ofRun.filter(({ type }) => type === "run.completed").length)).toEqual(started.map(() => 1));
}

function leadOf(number: number): LeadCase {
  return LEADS[number % LEADS.length] as LeadCase;
}

function isUnfinished({ status }: RunBody): boolean {
  return ["queued", "running", "waiting"].includes(status);
}

function untilEnded(client: Client, runId: string): Promise<RunBody> {
  return until(
    `the end of ${runId}`,
    async () => {
      const run = await client.get("revenue_ops", runId);
      return !isUnfinished(run) && run;
    },
    40_000,
  );
}
