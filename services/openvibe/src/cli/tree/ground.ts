import { Option } from "commander";
import { parseFile, parseReplicas, parseServerUrl } from "../flags.ts";
import type { CliCommand } from "./cli-command.ts";
import { configOption, jsonOption } from "./options.ts";

const replicasOption = () =>
  new Option("--replicas <n>", "copies of each stream (OPENVIBE_NATS_REPLICAS; 1, or 3 in a cluster)").argParser(parseReplicas);
const monitorOption = () =>
  new Option("--monitor <url>", "the nats-server's monitoring address, which tells how it writes to the disk").argParser(parseServerUrl);
const forceOption = () => new Option("--force", "also take away where a stream has more than is declared: time, bytes, copies, subjects");

/** What OpenVibe stands on: the broker, and everything else that `serve` needs. */
export function addGround(program: CliCommand): void {
  const nats = program.command("nats").description("the broker's streams, buckets and consumers").example("openvibe nats plan");
  nats
    .command("plan")
    .description("show what apply would do at NATS_URL, and do nothing; ends with 3 when apply would refuse")
    .example("NATS_URL=nats://127.0.0.1:4222 openvibe nats plan", "openvibe nats plan --replicas 3 --exit-code")
    .addOption(configOption())
    .addOption(replicasOption())
    .addOption(forceOption())
    .option("--exit-code", "end with 1 when apply would change something")
    .addOption(jsonOption())
    .action(async (options) => (await import("../nats-plan.ts")).natsPlan(options));
  nats
    .command("apply")
    .description("create or widen what OpenVibe needs on the broker at NATS_URL; what is there and larger stays so")
    .example("NATS_URL=nats://127.0.0.1:4222 openvibe nats apply --replicas 3")
    .addOption(configOption())
    .addOption(replicasOption())
    .addOption(forceOption())
    .addOption(jsonOption())
    .action(async (options) => (await import("../nats-apply.ts")).natsApply(options));
  nats
    .command("doctor")
    .description(
      "check the broker at NATS_URL: versions, limits, and every declared field by what the server echoes; ends with 1 for a fault",
    )
    .example("NATS_URL=nats://127.0.0.1:4222 openvibe nats doctor --monitor http://127.0.0.1:8222")
    .addOption(configOption())
    .addOption(replicasOption())
    .addOption(monitorOption())
    .addOption(jsonOption())
    .action(async (options) => (await import("../nats-doctor.ts")).natsDoctor(options));

  program
    .command("doctor")
    .description(
      "check whether serve would start here and keep its promises: configuration, store, broker, models, port; changes nothing, and ends with 1 for a fault",
    )
    .example("openvibe doctor", "openvibe doctor operators/hello/index.ts --json")
    .argument("[files...]", "operator files (OPENVIBE_OPERATOR_FILES, else ./operators/*/index.ts and ./operators/*.yaml)", parseFile)
    .addOption(configOption())
    .addOption(monitorOption())
    .addOption(jsonOption())
    .action(async (files: string[], options) => (await import("../doctor.ts")).doctor(files, options));
}
