#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { isOpenVibeError, messageOf } from "@openvibe/core";
import { Command, CommanderError, Option } from "commander";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";

const LEAST_NODE = 24;
if (Number(process.versions.node.split(".")[0]) < LEAST_NODE) {
  process.stderr.write(`openvibe needs Node ${LEAST_NODE} or newer; this is ${process.versions.node}\n`);
  process.exit(ExitCode.Usage);
}

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
const program = new Command("openvibe")
  .description("Typed, durable AI operators.")
  .version(version)
  .showHelpAfterError("(openvibe --help shows what there is)")
  .exitOverride()
  .addHelpText(
    "after",
    "\nExit codes: 0 done, 1 the run or the operation failed, 2 wrong use, 3 wrong configuration or definition, 4 cannot connect,\n5 not allowed, 6 not found, 7 timed out waiting, 130 interrupted",
  );

const port = () => new Option("-p, --port <port>", "port to listen on (8000; 0 takes any free one)").env("OPENVIBE_PORT");
const url = () => new Option("--url <url>", "the server").env("OPENVIBE_URL").default("http://127.0.0.1:8000");
const key = () => new Option("--api-key-file <file>", "file that holds the API key (else the variable OPENVIBE_API_KEY)");
const json = () => new Option("--json", "one JSON document, for programs");

program
  .command("dev")
  .description("serve operators in this process, and again after each change of a file; nothing else is needed")
  .argument("[files...]", "operator files (default: ./operators/*/index.ts)")
  .addOption(port())
  .option("--no-watch", "do not start again when a file changes")
  .addHelpText("after", "\nExample:\n  openvibe dev hello.ts")
  .action(async (files: string[], options) => (await import("./dev.ts")).dev(files, options));

program
  .command("serve")
  .description("serve operators; finds other servers over NATS when NATS_URL and DATABASE_URL are set")
  .argument("[files...]", "operator files (default: ./operators/*/index.ts)")
  .option("--operators <ids>", "only these, separated by commas")
  .option("--roles <roles>", "gateway, worker, event-relay, scheduler, separated by commas (default: all)")
  .addOption(port())
  .option("--host <host>", "address to listen on (127.0.0.1; any other needs OPENVIBE_API_KEYS)")
  .addHelpText(
    "after",
    "\nExample:\n  NATS_URL=nats://127.0.0.1:4222 DATABASE_URL=postgres://localhost/openvibe openvibe serve --operators content_engine,market_intel --port 8000",
  )
  .action(async (files: string[], options) => (await import("./serve.ts")).serveCommand(files, options));

const nats = program.command("nats").description("the broker's streams and buckets");
nats
  .command("apply")
  .description("create what OpenVibe needs on the broker at NATS_URL; changes nothing that is there already")
  .option("--replicas <n>", "copies of each stream (1, or 3 in a cluster)")
  .addOption(json())
  .action(async (options) => (await import("./nats-apply.ts")).natsApply(options));

program
  .command("run")
  .description("activate a workflow")
  .argument("<operator>")
  .argument("<trigger>", "a trigger's or a workflow's id")
  .option("-i, --input <json>", "the input as JSON, or @file, or - for standard input", "{}")
  .option("-w, --wait", "show what happens until the run has ended")
  .option("--idempotency-key <key>", "the same key again gives the same run")
  .addOption(url())
  .addOption(key())
  .addOption(json())
  .addHelpText("after", `\nExample:\n  openvibe run company_intel query --input '{"company_name":"Stripe"}' --wait`)
  .action(async (operator: string, trigger: string, options) => (await import("./run.ts")).run(operator, trigger, options));

const runs = program.command("runs").description("look at runs");
runs
  .command("ls")
  .description("newest first")
  .option("--operator <id>")
  .option("--workflow <id>")
  .option("--status <status>")
  .option("-n, --limit <n>", "how many", "20")
  .addOption(url())
  .addOption(key())
  .addOption(json())
  .action(async (options) => (await import("./runs.ts")).listRuns(options));
for (const [name, description] of [
  ["get", "one run"],
  ["watch", "show what happens until the run has ended"],
  ["cancel", "stop a run"],
] as const) {
  runs
    .command(name)
    .description(description)
    .argument("<run_id>")
    .addOption(url())
    .addOption(key())
    .addOption(json())
    .action(async (runId: string, options) => (await import("./runs.ts")).oneRun(name, runId, options));
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
  else {
    const details = isOpenVibeError(error) ? error.errors.map(({ pointer, detail }) => `  ${pointer}: ${detail}\n`).join("") : "";
    process.stderr.write(`openvibe: ${messageOf(error)}\n${details}`);
    process.exitCode = exitCodeOf(error);
  }
}
