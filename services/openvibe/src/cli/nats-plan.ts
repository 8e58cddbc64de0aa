import { ExitCode } from "./exit-codes.ts";
import { countActions, printChanges, toPlanBody } from "./nats-changes.ts";
import { type NatsTargetOptions, readNatsTarget } from "./nats-target.ts";
import { print } from "./print.ts";

export interface NatsPlanOptions extends NatsTargetOptions {
  readonly force?: boolean;
  readonly json?: boolean;
  readonly exitCode?: boolean;
}

/** `openvibe nats plan`: what `apply` would do. Ends with 3 where it would refuse, and with `--exit-code` with 1 where it would change something. */
export async function natsPlan({ force = false, ...options }: NatsPlanOptions): Promise<void> {
  const [{ servers, replicas, operators }, { planOnServers }] = await Promise.all([readNatsTarget(options), import("@openvibe/bus/nats")]);
  const plan = await planOnServers(servers, { replicas, operators, force });
  const { create, update, refuse } = countActions(plan);
  if (options.json === true) print(JSON.stringify(toPlanBody(plan)));
  else {
    printChanges(plan);
    print(`\n${summary(create, update, refuse)}`);
  }
  if (refuse > 0) process.exitCode = ExitCode.Config;
  else if (options.exitCode === true && create + update > 0) process.exitCode = ExitCode.Failed;
}

function summary(create: number, update: number, refuse: number): string {
  if (refuse > 0) return `apply would refuse ${refuse}, and change nothing`;
  return create + update === 0 ? "apply would change nothing" : `apply would create ${create} and update ${update}; nothing is changed yet`;
}
