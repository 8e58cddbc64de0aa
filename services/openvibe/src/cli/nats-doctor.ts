import { secretsOf } from "@openvibe/composition";
import { createScrubber } from "@openvibe/telemetry";
import { tellFindings } from "./findings.ts";
import { type NatsTargetOptions, readNatsTarget } from "./nats-target.ts";

export interface NatsDoctorOptions extends NatsTargetOptions {
  readonly monitor?: string;
  readonly json?: boolean;
}

/** `openvibe nats doctor`: whether the broker at `NATS_URL` is and keeps what OpenVibe declares. Changes nothing. */
export async function natsDoctor(options: NatsDoctorOptions): Promise<void> {
  const [{ servers, replicas, operators, config }, { examineServers }] = await Promise.all([
    readNatsTarget(options),
    import("@openvibe/bus/nats"),
  ]);
  const monitor = options.monitor === undefined ? {} : { monitorUrl: options.monitor };
  const findings = await examineServers(servers, { replicas, operators, ...monitor });
  tellFindings(findings, { json: options.json === true, scrub: createScrubber(secretsOf(config)) });
}
