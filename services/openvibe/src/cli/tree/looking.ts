import { parseEvery, parseFile, parseRevision, parseTypes } from "../flags.ts";
import type { CliCommand } from "./cli-command.ts";
import { cursorOption, formatOption, jsonOption, limitOption, operatorOption, speaksToServer, timeoutOption } from "./options.ts";

const SOURCE = "a file, or an operator at a server as id or id@version";

/** What there is, what happens, and what operators share. */
export function addLooking(program: CliCommand): void {
  addOperators(program);

  const graph = program
    .command("graph")
    .description("an operator's workflows as a picture, of its file or of what a server has")
    .example("openvibe graph operators/hello/index.ts", "openvibe graph revenue_ops --format svg > revenue_ops.svg")
    .argument("[operator]", `${SOURCE} (else the configuration's files)`)
    .addOption(formatOption())
    .option("--workflow <id>", "only this workflow");
  speaksToServer(graph).action(async (operator: string | undefined, options) => (await import("../graph.ts")).showGraph(operator, options));

  const diff = program
    .command("diff")
    .description("what changed between two versions of an operator, and where runs that wait would be parked; ends with 1 when they differ")
    .example("openvibe diff hello operators/hello/index.ts", "openvibe diff revenue_ops@4f2a90c1d3b5e687 revenue_ops --json")
    .argument("<old>", SOURCE)
    .argument("<new>", SOURCE)
    .option("--operator <id>", "which one, where a file holds several");
  speaksToServer(diff).action(async (before: string, after: string, options) =>
    (await import("../diff.ts")).diffOperators(before, after, options),
  );

  program
    .command("models")
    .description("the models whose prices are known: aliases, US dollars per million tokens, and when they retire")
    .example("openvibe models", "openvibe models --json | jq -r '.data[].id'")
    .addOption(jsonOption())
    .action(async (options) => (await import("../models.ts")).listModels(options));

  const events = program.command("events").description("what happens").example("openvibe events tail");
  const tail = events
    .command("tail")
    .description("events as they happen, until Ctrl-C; after a cut it goes on where it was")
    .example("openvibe events tail --types 'run.*' --operator revenue_ops", "openvibe events tail --types lead.qualified,run.failed --json")
    .option("--types <types>", "only these, separated by commas: exact (lead.qualified) or by their first word (run.*)", parseTypes)
    .addOption(operatorOption("events"))
    .option("--run <run_id>", "only events of this run")
    .option("--since <cursor>", "first what came after this event: its cursor, which --json shows and Ctrl-C tells")
    .addOption(timeoutOption("end after this long, such as 90s or 5m"));
  speaksToServer(tail, jsonOption("one JSON document a line, for programs: the CloudEvent and its cursor")).action(async (options) =>
    (await import("../events.ts")).tailEvents(options),
  );

  addSchedules(program);
  addContext(program);
}

function addOperators(program: CliCommand): void {
  const operators = program
    .command("operators")
    .description("operators, their workflows, and who serves them now")
    .example("openvibe operators");
  const ls = operators
    .command("ls", { isDefault: true })
    .description("operators, their workflows, and who serves them now; openvibe operators alone does it as well")
    .example("openvibe operators", "openvibe operators ls --json");
  speaksToServer(ls).action(async (options) => (await import("../operators.ts")).listOperators(options));

  const apply = operators
    .command("apply")
    .description("register the operators of YAML files at the server, prompt files included; what has not changed stays")
    .example("openvibe operators apply operators/in_yaml/lead_qualification.yaml")
    .argument("<files...>", "operators in YAML", parseFile);
  speaksToServer(apply).action(async (files: string[], options) => (await import("../operators-apply.ts")).applyOperators(files, options));

  const rm = operators
    .command("rm")
    .description("remove an operator that was registered so, and has no runs under way")
    .example("openvibe operators rm company_intel")
    .argument("<operator>");
  speaksToServer(rm).action(async (operatorId: string, options) =>
    (await import("../operators-apply.ts")).removeOperator(operatorId, options),
  );
}

const TRIGGER = "as `openvibe schedules ls` shows it";

function addSchedules(program: CliCommand): void {
  const schedules = program.command("schedules").description("what the clock starts").example("openvibe schedules ls");
  const load = () => import("../schedules.ts");
  const ls = schedules
    .command("ls")
    .description("triggers that the clock fires, and when they do so next")
    .example("openvibe schedules ls --operator revenue_ops", "openvibe schedules ls --json | jq -r '.data[].next_slots[0]'")
    .addOption(operatorOption("schedules"))
    .addOption(limitOption("schedules"))
    .addOption(cursorOption());
  speaksToServer(ls).action(async (options) => (await load()).listSchedules(options));

  for (const [verb, what] of [
    ["pause", "let the clock start nothing by this trigger, until it is resumed; slots that pass meanwhile start nothing"],
    ["resume", "let the clock go on with this trigger's next slot"],
  ] as const) {
    const change = schedules
      .command(verb)
      .description(what)
      .example(`openvibe schedules ${verb} revenue_ops nightly`)
      .argument("<operator>")
      .argument("<trigger>", TRIGGER);
    speaksToServer(change).action(async (operator: string, trigger: string, options) =>
      (await load()).changeSchedule(operator, trigger, verb, options),
    );
  }

  const run = schedules
    .command("run")
    .description("start a run by this trigger now, whatever the clock says")
    .example("openvibe schedules run revenue_ops nightly --idempotency-key after-the-outage")
    .argument("<operator>")
    .argument("<trigger>", TRIGGER)
    .option("--idempotency-key <key>", "the same key again gives the same run");
  speaksToServer(run).action(async (operator: string, trigger: string, options) => (await load()).runSchedule(operator, trigger, options));
}

const BUCKET = "the full name, such as context-leads";

function addContext(program: CliCommand): void {
  const context = program
    .command("context")
    .description("what operators share: values by bucket and key")
    .example("openvibe context ls context-leads");
  const load = () => import("../context.ts");

  const ls = context
    .command("ls")
    .description("a bucket's keys")
    .example("openvibe context ls context-leads --prefix lead_")
    .argument("<bucket>", BUCKET)
    .option("--prefix <prefix>", "only keys that begin with this")
    .addOption(limitOption("keys"))
    .addOption(cursorOption());
  speaksToServer(ls).action(async (bucket: string, options) => (await load()).listKeys(bucket, options));

  const get = context
    .command("get")
    .description("a value, as JSON")
    .example("openvibe context get context-leads lead_17.qualification | jq .score")
    .argument("<bucket>", BUCKET)
    .argument("<key>");
  speaksToServer(get, jsonOption("with its key and revision")).action(async (bucket: string, key: string, options) =>
    (await load()).getEntry(bucket, key, options),
  );

  const put = context
    .command("put")
    .description("write a value; the last writer wins, unless a condition is given")
    .example(
      `openvibe context put context-notes hello '{"n":1}' --create`,
      "openvibe context put context-notes hello @note.json --if-match 15",
    )
    .argument("<bucket>", BUCKET)
    .argument("<key>")
    .argument("<value>", "JSON, or @file, or - for standard input")
    .option("--create", "only where there is nothing")
    .option("--if-match <revision>", "only over this revision", parseRevision);
  speaksToServer(put).action(async (bucket: string, key: string, value: string, options) =>
    (await load()).putEntry(bucket, key, value, options),
  );

  const rm = context
    .command("rm")
    .description("delete a value")
    .example("openvibe context rm context-notes hello")
    .argument("<bucket>", BUCKET)
    .argument("<key>")
    .option("--if-match <revision>", "only this revision", parseRevision);
  speaksToServer(rm).action(async (bucket: string, key: string, options) => (await load()).removeEntry(bucket, key, options));

  const watch = context
    .command("watch")
    .description("a value, and again whenever it changes, until Ctrl-C")
    .example("openvibe context watch context-leads lead_17.qualification --every 5s")
    .argument("<bucket>", BUCKET)
    .argument("<key>")
    .option("--every <duration>", "how often to look", parseEvery, 1_000)
    .addOption(timeoutOption("end after this long, such as 90s or 5m"));
  speaksToServer(watch, jsonOption("one JSON document a line, for programs: value, key and revision")).action(
    async (bucket: string, key: string, options) => (await load()).watchEntry(bucket, key, options),
  );
}
