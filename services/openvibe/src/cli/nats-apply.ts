import { countActions, printChanges, toPlanBody } from "./nats-changes.ts";
import { type NatsTargetOptions, readNatsTarget } from "./nats-target.ts";
import { print } from "./print.ts";

export interface NatsApplyOptions extends NatsTargetOptions {
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `openvibe nats apply`: streams, buckets and the operators' consumers, on the broker at `NATS_URL`. */
export async function natsApply({ force = false, ...options }: NatsApplyOptions): Promise<void> {
  const [{ servers, replicas, operators }, { applyOnServers }] = await Promise.all([readNatsTarget(options), import("@openvibe/bus/nats")]);
  const done = await applyOnServers(servers, { replicas, operators, force });
  if (options.json === true) return print(JSON.stringify(toPlanBody(done)));
  const { create, update } = countActions(done);
  printChanges(done);
  print(create + update === 0 ? "\nnothing changed" : `\n${create} created, ${update} updated`);
}
