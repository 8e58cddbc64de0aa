/** One operator as values, as a class and in YAML: one definition, one picture and one run, in both forms of the graph, seen over HTTP. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "@openvibe/core";
import { type AnyOperator, definitionOf, end, loadOperators, type OperatorDefinition, operator, serve, sleep, workflow } from "openvibe";
import * as classes from "openvibe/decorators";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { type Client, createClient, type RunBody } from "../support/e2e-client.ts";
import { type Outcome, outcomeOverHttp } from "../support/e2e-outcome.ts";
import { until } from "../support/e2e-until.ts";

const Deal = z.object({
  company: z.string().default(""),
  fit: z.number().default(0),
  intent: z.number().default(0),
  mail: z.string().default(""),
  approved: z.boolean().default(false),
  comment: z.string().default(""),
  updated: z.boolean().default(false),
});
const PAUSE = 30;

const values = operator("deals", {
  name: "Deals",
  description: "What becomes of a deal",
  owner: "VP Sales",
  workflows: [
    workflow("close", { state: Deal, triggers: { new_deal: "on_demand" }, timeout: "5m", durable: { maxDays: 14 } })
      .llm("score", {
        model: "sonnet",
        system: "You score.",
        user: ({ company }) => `Score ${company}`,
        outputs: ["intent"],
        retries: { attempts: 2, backoff: "2s" },
        fallback: ["haiku"],
      })
      .branch("decide", ({ fit }) => (fit >= 80 ? "sales" : fit >= 50 ? "nurture" : "drop"), {
        sales: (arm) =>
          arm
            .llm("write", { model: "haiku", maxTokens: 200, user: ({ company }) => `Write to ${company}`, output: "mail" })
            .human("review", {
              prompt: ({ mail }) => `Send this? ${mail}`,
              answer: ["approved", "comment"],
              timeout: "24h",
              default: { approved: false },
            }),
        nurture: (arm) => arm.node("rest", () => sleep(PAUSE)),
        drop: end(),
      })
      .node("update", () => ({ updated: true }), { pure: true, timeout: "10s", when: ({ fit }) => fit < 95 }),
  ],
});

@classes.operator({ id: "deals", name: "Deals", description: "What becomes of a deal", owner: "VP Sales" })
class Deals {
  company = "";
  fit = 0;
  intent = 0;
  mail = "";
  approved = false;
  comment = "";
  updated = false;

  @classes.workflow({ id: "close", triggers: { new_deal: "on_demand" }, timeout: "5m" })
  @classes.durable({ maxDays: 14 })
  static Close = class {
    @classes.llmNode({ model: "sonnet", retries: { attempts: 2, backoff: "2s" }, fallback: ["haiku"], outputFormat: "json" })
    score({ company }: Deals) {
      return { system: "You score.", user: `Score ${company}`, outputKeys: { intent: Number } };
    }

    @classes.conditional<Deals>({
      routes: {
        sales: { when: (s) => s.fit >= 80, steps: ["write", "review"] },
        nurture: { when: (s) => s.fit >= 50, steps: ["rest"] },
        drop: { when: (s) => s.fit < 50, end: true },
      },
    })
    decide() {}

    @classes.llmNode({ model: "haiku", maxTokens: 200 })
    write({ company }: Deals) {
      return { user: `Write to ${company}`, outputKey: "mail" };
    }

    @classes.humanInTheLoop({ answer: ["approved", "comment"], timeout: "24h", default: { approved: false } })
    review({ mail }: Deals) {
      return `Send this? ${mail}`;
    }

    @classes.node
    rest() {
      return { waitDuration: PAUSE };
    }

    @classes.node({ pure: true, timeout: "10s", when: (s: Deals) => s.fit < 95 })
    update() {
      return { updated: true };
    }
  };
}

const YAML = `
operators:
  - id: deals
    name: Deals
    description: What becomes of a deal
    owner: VP Sales
    state: { company: string, fit: number, intent: number, mail: string, approved: boolean, comment: string, updated: boolean }
    workflows:
      - id: close
        triggers: { new_deal: on_demand }
        timeout: 5m
        durable: { max_days: 14 }
        nodes:
          - id: score
            type: llm
            model: sonnet
            system: You score.
            prompt: Score {{company}}
            outputs: [intent]
            retries: { attempts: 2, backoff: 2s }
            fallback: [haiku]
          - id: decide
            type: conditional
            routes:
              sales:
                when: fit >= 80
                nodes:
                  - { id: write, type: llm, model: haiku, max_tokens: 200, prompt: "Write to {{company}}", output: mail }
                  - id: review
                    type: human
                    prompt: Send this? {{mail}}
                    answer: [approved, comment]
                    timeout: 24h
                    default: { approved: false }
              nurture: { when: fit >= 50, nodes: [{ id: rest, type: logic }] }
              drop: { end: true }
          - { id: update, type: logic, pure: true, timeout: 10s, when: fit < 95 }
`;

async function loadYaml(): Promise<OperatorDefinition> {
  const folder = await mkdtemp(join(tmpdir(), "openvibe-one-"));
  try {
    const file = join(folder, "deals.yaml");
    await writeFile(file, YAML);
    const [found] = await loadOperators(file, {
      handlers: { deals: { close: { rest: () => sleep(PAUSE), update: () => ({ updated: true }) } } },
    });
    if (found === undefined) throw new Error("the file holds no operator");
    return found;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const spellings = async (): Promise<Readonly<Record<string, AnyOperator>>> => ({ values, "a class": Deals, YAML: await loadYaml() });

beforeEach(() => {
  for (const name of ["DATABASE_URL", "NATS_URL", "ANTHROPIC_API_KEY"]) vi.stubEnv(name, undefined);
  vi.stubEnv("OPENVIBE_LLM", "echo");
});
afterEach(() => vi.unstubAllEnvs());

test("values, a class and YAML are one manifest, one version and one picture", async () => {
  const { manifest, version } = values;
  for (const [name, spelled] of Object.entries(await spellings())) {
    const definition = definitionOf(spelled);
    expect(definition.manifest, name).toEqual(manifest);
    expect(definition.version, name).toBe(version);
  }
});

/** By what they are given: the route that it takes, and what is there to be done meanwhile. */
const STORIES: Readonly<Record<string, { readonly fit: number; readonly answer?: JsonObject; readonly output: JsonObject }>> = {
  sales: { fit: 90, answer: { approved: true, comment: "do" }, output: { approved: true, comment: "do", updated: true } },
  "sales, passing over the last step": { fit: 99, answer: { approved: false, comment: "no" }, output: { approved: false, comment: "no" } },
  nurture: { fit: 60, output: { updated: true } },
  "the end": { fit: 10, output: {} },
};

test("values, a class and YAML are one run, told alike, in either form", async () => {
  const told: { readonly name: string; readonly picture: string; readonly outcomes: Readonly<Record<string, Outcome>> }[] = [];
  for (const form of ["segments", "nodes"]) {
    vi.stubEnv("OPENVIBE_GRAPH_FORM", form);
    for (const [name, spelled] of Object.entries(await spellings())) {
      await using server = await serve(spelled, { port: 0, store: ":memory:", foreground: false });
      const client = createClient(server.url);
      const picture = await (await fetch(`${server.url}/v1/operators/deals/graph`)).text();
      told.push({ name: `${name}, ${form}`, picture, outcomes: await tellAll(client) });
    }
  }

  const [first, ...others] = told;
  expect(others).toHaveLength(5);
  for (const { name, picture, outcomes } of others) {
    expect(picture, name).toBe(first?.picture);
    expect(outcomes, name).toEqual(first?.outcomes);
  }
  expect(first?.picture).toContain("review");
  for (const [story, { output }] of Object.entries(STORIES))
    expect(first?.outcomes[story], story).toMatchObject({ status: "completed", output });
});

async function tellAll(client: Client): Promise<Record<string, Outcome>> {
  const told = Object.entries(STORIES).map(async ([story, { fit, answer }]) => {
    const run = await client.activate("deals", "new_deal", { company: "Stripe", fit });
    if (answer !== undefined) await answerTo(client, run, answer);
    return [story, await outcomeOverHttp(client, run)] as const;
  });
  return Object.fromEntries(await Promise.all(told));
}

async function answerTo(client: Client, { operator_id, run_id }: RunBody, answer: JsonObject): Promise<void> {
  const { status, error } = await until(`${run_id} asks, or ends`, async () => {
    const run = await client.get(operator_id, run_id);
    return !["queued", "running"].includes(run.status) && run;
  });
  expect([status, error]).toEqual(["waiting", undefined]);
  expect((await client.call("POST", `/v1/operators/${operator_id}/runs/${run_id}/resume`, { answer })).status).toBe(202);
}
