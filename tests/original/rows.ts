/**
 * Every option that the first design of the product shows, and the test that shows it here: a row for each, numbered by that design's sections (5 the
 * spellings, 6.2 requests and answers, 7 what can be exchanged, 9 ways to configure, 10 models, 11 looking at it). `original.test.ts` keeps the table
 * whole, and the reporter counts its rows from what the tests came to. Longer than most: one table.
 */
import { type OpenRow, open, row, type ShownRow } from "../support/shown-rows.ts";

const F = {
  activations: "services/gateway/src/routes/activations.test.ts",
  anthropic: "libs/llm/src/anthropic/anthropic.test.ts",
  buckets: (sibling: string) => `libs/bus/src/${sibling}/buckets.test.ts`,
  checkSteps: "libs/sdk/src/check-steps.test.ts",
  classState: "libs/sdk/src/decorators/class-state.test.ts",
  config: "libs/composition/src/config.test.ts",
  configure: "services/openvibe/src/configure.test.ts",
  decorators: "libs/sdk/src/decorators/decorators.test.ts",
  e2eWaits: "tests/e2e/waits.test.ts",
  echo: "libs/llm/src/echo/echo.test.ts",
  eventLog: (sibling: string) => `libs/bus/src/${sibling}/event-log.test.ts`,
  examples: "operators/examples/examples.test.ts",
  executionLlm: "libs/runtime/src/execution-llm.test.ts",
  executionSteps: "libs/runtime/src/execution-steps.test.ts",
  executionWaits: "libs/runtime/src/execution-waits.test.ts",
  hooks: "services/openvibe/src/hooks.test.ts",
  hooksIn: "services/gateway/src/routes/hooks.test.ts",
  loadYaml: "libs/composition/src/load-yaml.test.ts",
  models: "libs/llm/src/models.test.ts",
  packages: "tests/e2e/packages.test.ts",
  plan: "libs/graph/src/plan.test.ts",
  reactor: "services/event-relay/src/reactions/event-reactor.test.ts",
  retries: "libs/llm/src/with-retries.test.ts",
  runs: "services/gateway/src/routes/runs.test.ts",
  serve: "services/openvibe/src/serve.test.ts",
  serveCommand: "services/openvibe/src/cli/serve-command.test.ts",
  throughRuntime: "operators/through-runtime.test.ts",
  triggers: "libs/sdk/src/triggers.test.ts",
  unkept: "libs/runtime/src/execution-unkept.test.ts",
  workQueue: (sibling: string) => `libs/bus/src/${sibling}/work-queue.test.ts`,
  yaml: "services/openvibe/src/yaml.test.ts",
  yamlExamples: "services/openvibe/src/yaml-examples.test.ts",
} as const;

const BUSES = ["memory", "nats", "redis"] as const;

export const ROWS: readonly (ShownRow<string> | OpenRow<string>)[] = [
  // The seven decorators
  row("5.1 a", "@operator(id, name, description)", [F.decorators, "with every option that steps take"]),
  row("5.1 b", "@workflow(id, trigger)", [F.decorators, "with every option that steps take", "on a static field, on a class expression"]),
  row("5.1 c", "@node", [F.decorators, "is a patch; the class's other methods and private fields are at hand"]),
  row(
    "5.1 d",
    "@llm_node(model, max_tokens)",
    [F.decorators, "with every option that steps take", "is a prompt, whose answer goes where was said at load"],
    [F.anthropic, "with the key as a bearer token, the model's id, and no more than the request says"],
  ),
  row("5.1 e", "@conditional(routes)", [F.decorators, "is set before the routes are looked at; the first that holds wins"]),
  row(
    "5.1 f",
    "@human_in_the_loop(timeout)",
    [F.decorators, "with every option that steps take"],
    [F.executionWaits, "who does not answer in time is answered for by the default", "without either the run fails"],
  ),
  row("5.1 g", "@durable(max_days)", [F.decorators, "with every option that steps take"], [F.checkSteps, "how long a run may live"]),
  // The examples
  row("5.2 a", "the minimal example, with output_key", [F.examples, "a run does the same, whichever way it was written:"]),
  row("5.2 b", "serve(Hello, port), and the curl that activates it", [
    F.packages,
    "the README's hello runs, and answers the original's curl",
  ]),
  row("5.3 a", "state as attributes of the class", [F.classState, "each with a schema that follows from its default"]),
  row("5.3 b", 'output_format="json" with output_keys and their types', [F.examples, "a run does the same, whichever way it was written:"]),
  row(
    "5.3 c",
    "a conditional that changes the state, then routes by predicates",
    [F.examples, "a run does the same, whichever way it was written:"],
    [F.decorators, "is set before the routes are looked at; the first that holds wins"],
  ),
  row(
    "5.3 d",
    'trigger="webhook:…"',
    [F.triggers, "%s is allowed"],
    [F.hooksIn, "starts every workflow that listens, with the fields that are state"],
  ),
  row("5.4 a", 'trigger="event:…"', [F.triggers, "%s is allowed"], [F.reactor, "an event starts one run for each trigger that it meets"]),
  row(
    "5.4 b",
    "a node that returns wait_duration",
    [F.decorators, "with waitDuration is a sleep, and without it a patch"],
    [F.examples, "nurture: three days pass, and somebody answers"],
  ),
  row(
    "5.4 c",
    "human_in_the_loop with a prompt",
    [F.examples, "nurture: three days pass, and somebody answers"],
    [F.decorators, "is the question to people, or the one in the options"],
  ),
  row("5.5 a", "order of declaration is order of execution", [F.plan, "follows the order of declaration and rejoins after a branch"]),
  row("5.5 b", "every branch rejoins at the next node", [F.plan, "follows the order of declaration and rejoins after a branch"]),
  row(
    "5.5 c",
    "one definition, whichever way it is written",
    [F.examples, "is one definition in both spellings"],
    ["tests/e2e/one-definition.test.ts", "are one manifest, one version and one picture", "are one run, told alike"],
  ),
  // Requests and answers
  row("6.2 a", "activate: trigger and input; run_id, operator, workflow, status, created_at", [
    F.activations,
    "is answered with 202, the run and its address",
  ]),
  row(
    "6.2 b",
    "a run's result: output, metrics, both times",
    [F.runs, "is read as the schema says, at the beginning and at the end"],
    [F.throughRuntime, "profiles, judges and reports; shares its record and says so"],
  ),
  row("6.2 c", "resume with what people decided", [
    F.e2eWaits,
    "a question carries its prompt, schema and deadline; a wrong answer leaves it open; the right one ends it",
  ]),
  // What can be exchanged
  row("7.1 a", "complete(system, user, model, max_tokens)", [
    F.anthropic,
    "a prompt is answered with text, by a model that names itself",
    "with the key as a bearer token, the model's id, and no more than the request says",
  ]),
  row("7.1 b", "content, tokens_in, tokens_out, model, cost_usd", [
    F.anthropic,
    "tokens are counted, and money is a number or unknown",
    "money by the model that answered, and says so once when its price is unknown",
  ]),
  row("7.1 c", "Anthropic by default", [F.config, "the model", "of a vendor needs the vendor's key, which is named"]),
  open("7.1 d", "OpenAI", "its adapter is not written yet"),
  open("7.1 e", "Ollama", "its adapter is not written yet"),
  row(
    "7.1 f",
    "none: runs offline",
    [F.echo, "a prompt is answered with text, by a model that names itself"],
    [F.serve, "answers offline where no model's key is set"],
  ),
  row("7.1 g", "configure(llm, api_key, base_url)", [
    F.configure,
    "says what holds where options, environment and file say nothing; a later call adds to it",
    "knows every setting by the name it has in the file",
  ]),
  row(
    "7.2 a",
    "publish and subscribe",
    ...BUSES.flatMap((sibling) => [
      [F.workQueue(sibling), "a wake-up reaches a taker as it was published"] as const,
      [F.eventLog(sibling), "a listener hears every event as it is stored, at positions without a gap"] as const,
    ]),
  ),
  row(
    "7.2 b",
    "put_kv and get_kv",
    ...BUSES.map((sibling) => [F.buckets(sibling), "what was put is read as it was, with its revision and time"] as const),
  ),
  row("7.2 c", "the memory bus", [F.eventLog("memory"), "an event comes back as it was appended"]),
  row("7.2 d", "NATS", [F.eventLog("nats"), "an event comes back as it was appended"], [F.config, "over NATS needs an address"]),
  row("7.2 e", "Redis", [F.eventLog("redis"), "an event comes back as it was appended"], [F.config, "the bus"]),
  row("7.3 a", "no scheduling: started by hand", [F.activations, "is answered with 202, the run and its address"]),
  row("7.3 b", "cron", ["libs/scheduler/src/cron/scheduler.test.ts", "start exactly one run for each of 200 slots"]),
  open("7.3 c", "Temporal", "its adapter is not written yet"),
  row("7.3 d", "durable: waits of days outlive every process", [
    F.e2eWaits,
    "a kill while it waits loses nothing: the time comes, the question stays, the answer counts",
  ]),
  // Ways to configure
  row(
    "9.1",
    "decorators",
    [F.examples, "is one definition in both spellings"],
    ["services/openvibe/src/decorators/load.test.ts", "validates a file with decorators, and those that it imports", "serves it"],
  ),
  row("9.2 a", "the YAML example as it stands", [
    F.yamlExamples,
    "company_intel runs: prompts from files, logic from beside the file, a state that nobody declared",
  ]),
  row("9.2 b", "prompt_file", [F.loadYaml, "are loaded with the prompts that they name and the handlers beside them"]),
  row("9.2 c", "logic_handlers beside the file", [F.yaml, "a file is served with the handlers beside it"]),
  row(
    "9.2 d",
    "serve(config_path)",
    [F.serveCommand, "takes its operators from ./operators, and only the wanted ones"],
    [F.loadYaml, "are found beside modules in ./operators, by .yaml and .yml, and by patterns"],
  ),
  row("9.3 a", "runtime.load(file)", [F.yaml, "loadOperators gives definitions for createRuntime and serve"]),
  row("9.3 b", "runtime.handler(operator, workflow, node)", [
    F.yaml,
    "a runtime of files starts at its first use, so that handlers may come before",
    "a handler that is missing is told at the start, and may still come",
  ]),
  // Models
  row(
    "10.1 a",
    "the aliases haiku, sonnet, opus, fast, smart",
    [F.models, "every alias stands for a model of that vendor"],
    [F.anthropic, "the alias %s stands for an id that stays as it is"],
  ),
  open("10.1 b", "aliases of another vendor", "there is one vendor so far"),
  row(
    "10.2",
    "an exact model id at a node",
    [F.models, "the original's ids can still be chosen"],
    [F.echo, "runs an operator that names a vendor's id"],
  ),
  // Looking at it
  row("11.1 a", "duration_seconds", [F.runs, "is read as the schema says, at the beginning and at the end"]),
  row(
    "11.1 b",
    "tokens_in, tokens_out, cost_usd, llm_calls",
    [F.executionSteps, "tells in its event what it cost, and the run counts it"],
    [F.executionLlm, "is unknown as soon as one call's price is, whatever the others cost"],
  ),
  row("11.1 c", "nodes_executed, nodes_failed", [F.executionWaits, "is tried again, and what its failed attempts published is not told"]),
  open("11.2 a", 'configure(tracing="langsmith")', "runs are told by events, logs and metrics; spans are not written yet"),
  open("11.2 b", 'configure(tracing="langfuse")', "as above"),
  row("11.3 a", 'on("run.started")', [F.hooks, "hear a run's events by type, in order, with what they hold"]),
  row("11.3 b", 'on("run.completed")', [F.hooks, "hear a run's events by type, in order, with what they hold"]),
  row("11.3 c", 'on("node.error")', [F.hooks, "node.error is another name of node.failed; a prefix hears its own, and * all"]),
  // What was left open there, and was decided as it leant
  row(
    "14 a",
    "auto-retry of model calls",
    [F.executionLlm, "for a moment is made again, with the same question; every attempt is counted"],
    [F.retries, "the last attempt's error is the answer, after three attempts by default"],
  ),
  row("14 b", "checkpointed", [F.unkept, "writes once, at its end, and tells the same story"]),
];
