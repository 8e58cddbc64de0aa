import { parseModel, parseSetting } from "../flags.ts";
import type { CliCommand } from "./cli-command.ts";
import { cursorOption, jsonOption, LINES, limitOption, operatorOption, speaksToServer, statusOption, timeoutOption } from "./options.ts";

const RUN_ID = "as `openvibe runs ls` shows it";

/** Starting runs, following them, ending them. */
export function addRunning(program: CliCommand): void {
  const run = program
    .command("run")
    .description("start a run of a workflow")
    .example(
      `openvibe run company_intel query --input '{"company_name":"Stripe"}' --wait`,
      "openvibe run revenue_ops new_lead --input @lead.json --idempotency-key lead-17",
    )
    .argument("<operator>")
    .argument("<trigger>", "a trigger's or a workflow's id")
    .option("-i, --input <json>", "the input as JSON, or @file, or - for standard input", "{}")
    .option("-w, --wait", "show what happens until the run has ended; with -q only how it ended")
    .addOption(timeoutOption())
    .option("--idempotency-key <key>", "the same key again gives the same run");
  speaksToServer(run, jsonOption(`one JSON document, for programs; with --wait ${LINES}`)).action(
    async (operator: string, trigger: string, options) => (await import("../run.ts")).run(operator, trigger, options),
  );

  const runs = program.command("runs").description("look at runs, stop them").example("openvibe runs ls --status failed");
  const ls = runs
    .command("ls")
    .description("runs, newest first")
    .example("openvibe runs ls --operator revenue_ops --status failed", "openvibe runs ls -n 100 --json | jq -r '.data[].run_id'")
    .addOption(operatorOption("runs"))
    .option("--workflow <id>", "only runs of this workflow")
    .option("--parent <run_id>", "only runs that this run began")
    .addOption(statusOption())
    .addOption(limitOption("runs"))
    .addOption(cursorOption());
  speaksToServer(ls).action(async (options) => (await import("../runs.ts")).listRuns(options));

  const get = runs.command("get").description("one run").example("openvibe runs get run_2026-11-22_0mws697hfgv1c4ov9on --json");
  speaksToServer(get.argument("<run_id>", RUN_ID)).action(async (runId: string, options) =>
    (await import("../runs.ts")).showRun(runId, options),
  );

  const watch = runs
    .command("watch")
    .description("show what happens until the run has ended: its steps as they go on a terminal, else a line an event")
    .example("openvibe runs watch run_2026-11-22_0mws697hfgv1c4ov9on --timeout 5m")
    .argument("<run_id>", RUN_ID)
    .addOption(timeoutOption());
  speaksToServer(watch, jsonOption(LINES)).action(async (runId: string, options) => (await import("../runs.ts")).watchRun(runId, options));

  const resume = runs
    .command("resume")
    .description("answer a run that waits for people; of several answers one counts")
    .example(`openvibe runs resume run_2026-11-22_0mws697hfgv1c4ov9on '{"approved":true}' --by ann`)
    .argument("<run_id>", RUN_ID)
    .argument("<answer>", "JSON, or @file, or - for standard input; `openvibe runs get` shows what is asked")
    .option("--by <name>", "who answers");
  speaksToServer(resume).action(async (runId: string, answer: string, options) =>
    (await import("../runs.ts")).resumeRun(runId, answer, options),
  );

  const cancel = runs.command("cancel").description("stop a run").example("openvibe runs cancel run_2026-11-22_0mws697hfgv1c4ov9on");
  speaksToServer(cancel.argument("<run_id>", RUN_ID)).action(async (runId: string, options) =>
    (await import("../runs.ts")).cancelRun(runId, options),
  );

  const rerun = runs
    .command("rerun")
    .description("run again what has ended, from its start or from a step, with changes; the old run stays as it is")
    .example(
      "openvibe runs rerun run_2026-11-22_0mws697hfgv1c4ov9on",
      "openvibe runs rerun run_2026-11-22_0mws697hfgv1c4ov9on --from report --model report=opus --set tone=formal",
    )
    .argument("<run_id>", RUN_ID)
    .option("--from <step>", "begin here, with the state that this step saw; needs the history of the old run (OPENVIBE_HISTORY)")
    .option("--set <field=value>", "a state field, as JSON or text; may be given again", parseSetting)
    .option("--model <step=model>", "the model that a step asks; may be given again", parseModel)
    .option("-i, --input <json>", "in place of the old run's input: JSON, or @file, or - for standard input");
  speaksToServer(rerun).action(async (runId: string, options) => (await import("../runs.ts")).rerunRun(runId, options));

  addDeadLetters(program);
}

function addDeadLetters(program: CliCommand): void {
  const dlq = program.command("dlq").description("dead letters: runs that nobody could finish").example("openvibe dlq ls");
  const ls = dlq
    .command("ls")
    .description("dead letters, newest first")
    .example("openvibe dlq ls --operator revenue_ops")
    .addOption(operatorOption("runs"))
    .addOption(limitOption("runs"))
    .addOption(cursorOption());
  speaksToServer(ls).action(async (options) => (await import("../dlq.ts")).listDeadLetters(options));

  const show = dlq
    .command("show")
    .description("one dead letter: its error, and the steps before it")
    .example("openvibe dlq show run_2026-11-22_0mws697hfgv1c4ov9on")
    .argument("<run_id>", "as `openvibe dlq ls` shows it");
  speaksToServer(show).action(async (runId: string, options) => (await import("../dlq.ts")).showDeadLetter(runId, options));

  const redrive = dlq
    .command("redrive")
    .description("start a new run with a dead letter's input")
    .example("openvibe dlq redrive run_2026-11-22_0mws697hfgv1c4ov9on")
    .argument("<run_id>", "as `openvibe dlq ls` shows it");
  speaksToServer(redrive).action(async (runId: string, options) => (await import("../dlq.ts")).redrive(runId, options));
}
