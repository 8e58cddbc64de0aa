import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from "@nats-io/jetstream";
import { ANY, subjects } from "@openvibe/core";

export const OV_ACTIVATIONS = "OV_ACTIVATIONS";
export const OV_EVENTS = "OV_EVENTS";
export const OV_DEAD_LETTERS = "OV_DEAD_LETTERS";
export const OV_ADVISORIES = "OV_ADVISORIES";

/** What `applyBroker` asks of one stream: only the fields that OpenVibe rests upon. */
export type StreamWish = Pick<StreamConfig, "name" | "subjects" | "description" | "retention" | "storage" | "discard" | "num_replicas"> &
  Partial<
    Pick<
      StreamConfig,
      | "max_bytes"
      | "max_age"
      | "max_msgs"
      | "max_msg_size"
      | "max_msgs_per_subject"
      | "discard_new_per_subject"
      | "duplicate_window"
      | "allow_direct"
      | "allow_rollup_hdrs"
      | "republish"
    >
  >;

export interface StreamOptions {
  /** Servers that keep a copy: 3 in a cluster, 1 on a single server. */
  readonly replicas: number;
  /** Bytes of wake-ups that may wait; then publishing is refused with OV_BUS_FULL. 256 MiB by default. */
  readonly activationBytes?: number;
  /** Bytes of events kept; then the oldest go before their 7 days. 2 GiB by default. */
  readonly eventBytes?: number;
}

const MIB = 1024 * 1024;
const SECOND = 1_000_000_000;
const DAY = 86_400 * SECOND;

/** The streams as data (DESIGN §5). Times are nanoseconds, as NATS has them. */
export function streamWishes({ replicas, activationBytes = 256 * MIB, eventBytes = 2048 * MIB }: StreamOptions): readonly StreamWish[] {
  // Limited by bytes and time only: a limit of messages would drop or refuse them unseen.
  const common = { storage: StorageType.File, num_replicas: replicas, max_msgs: -1, max_msg_size: -1 };
  const limits = { ...common, retention: RetentionPolicy.Limits, discard: DiscardPolicy.Old };
  return [
    {
      ...common,
      name: OV_ACTIVATIONS,
      description: "OpenVibe: wake-ups of runs, each until a worker is done with it",
      subjects: [subjects.activations(ANY)],
      retention: RetentionPolicy.Workqueue,
      discard: DiscardPolicy.New,
      // One message per subject: a wake-up that already lies there is refused with "maximum messages per subject exceeded".
      max_msgs_per_subject: 1,
      discard_new_per_subject: true,
      // By bytes only: a limit of messages would be refused with the same code.
      max_bytes: activationBytes,
    },
    {
      ...limits,
      name: OV_EVENTS,
      description: "OpenVibe: the event log",
      subjects: [subjects.events],
      max_age: 7 * DAY,
      max_bytes: eventBytes,
      duplicate_window: 30 * SECOND,
      allow_direct: true,
      republish: {
        src: subjects.event(ANY, ANY, ANY),
        dest: subjects.log("{{wildcard(1)}}", "{{wildcard(2)}}", "{{wildcard(3)}}"),
      },
    },
    {
      ...limits,
      name: OV_DEAD_LETTERS,
      description: "OpenVibe: messages that belong to no run",
      subjects: ["dead_letters.>"],
      max_age: 90 * DAY,
      max_bytes: 64 * MIB,
    },
    {
      ...limits,
      name: OV_ADVISORIES,
      description: "OpenVibe: what the server says about wake-ups it gave up",
      subjects: ["MAX_DELIVERIES", "MSG_TERMINATED"].map((kind) => `$JS.EVENT.ADVISORY.CONSUMER.${kind}.${OV_ACTIVATIONS}.>`),
      max_age: 30 * DAY,
      max_bytes: 64 * MIB,
    },
  ];
}
