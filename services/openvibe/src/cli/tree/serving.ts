import { Argument } from "commander";
import { parseFile, parseList, parseRoles } from "../flags.ts";
import type { CliCommand } from "./cli-command.ts";
import { configOption, jsonOption, portOption } from "./options.ts";

const FILES = "operator files (OPENVIBE_OPERATOR_FILES, else ./operators/*/index.ts and ./operators/*.yaml)";

/** A project's way: made, checked, served. */
export function addServing(program: CliCommand): void {
  program
    .command("init")
    .description("write a project that runs: an operator, its test, and what is needed around them")
    .example("openvibe init my-operators", "openvibe init --force .")
    .addArgument(new Argument("[folder]", "where; made when it is not there").default("."))
    .option("--force", "write into a folder that is not empty, over files of the same names")
    .addOption(jsonOption())
    .action(async (folder: string, options) => (await import("../init.ts")).init(folder, options));

  program
    .command("validate")
    .description("load operators without serving them, and tell every file's fault")
    .example("openvibe validate", "openvibe validate operators/hello/index.ts --json")
    .addArgument(filesArgument())
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (files: string[], options) => (await import("../validate.ts")).validate(files, options));

  program
    .command("dev")
    .description("serve operators in this process, and again after each change of a file; nothing else is needed")
    .example("openvibe dev", "openvibe dev operators/hello/index.ts --port 0", "openvibe dev --cron")
    .addArgument(filesArgument())
    .addOption(portOption())
    .addOption(configOption())
    .option("--cron", "start runs by the clock as well (OPENVIBE_SCHEDULER=cron)")
    .option("--no-watch", "do not start again when a file changes")
    .drainsOnSignal()
    .action(async (files: string[], options) => (await import("../dev.ts")).dev(files, options));

  program
    .command("serve")
    .description(
      "serve operators until SIGINT or SIGTERM, then drain; finds other servers over NATS when NATS_URL and DATABASE_URL are set",
    )
    .example(
      "openvibe serve operators/hello/index.ts",
      "NATS_URL=nats://127.0.0.1:4222 DATABASE_URL=postgres://localhost/openvibe openvibe serve --operators content_engine,market_intel",
      "openvibe serve --roles gateway,event-relay --host 0.0.0.0",
    )
    .addArgument(filesArgument())
    .option("--operators <ids>", "only these, separated by commas (else OPENVIBE_OPERATORS, else all)", parseList)
    .option("--roles <roles>", "gateway, worker, event-relay, scheduler, separated by commas (else all)", parseRoles)
    .addOption(portOption())
    .addOption(configOption())
    .option("--host <host>", "address to listen on (127.0.0.1; any other needs OPENVIBE_API_KEYS)")
    .drainsOnSignal()
    .action(async (files: string[], options) => (await import("../serve.ts")).serveCommand(files, options));
}

const filesArgument = () => new Argument("[files...]", FILES).argParser(parseFile);
