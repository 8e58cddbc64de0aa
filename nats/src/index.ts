export { type ApplyOptions, applyBroker, applyStream, planBroker } from "./apply.ts";
export {
  BUCKET_HISTORY,
  type BucketWishOptions,
  bucketStream,
  bucketSubject,
  bucketWish,
  REGISTRY_BUCKET,
  REGISTRY_TTL_MS,
} from "./buckets.ts";
export { ACK_WAIT_MS, applyOperatorConsumer, operatorConsumer, operatorConsumerName } from "./consumers.ts";
export { type FieldDifference, shownBytes, shownValue } from "./difference.ts";
export { type ExamineOptions, examineBroker } from "./doctor/examine.ts";
export { examineVersion } from "./doctor/server.ts";
export { askUser } from "./doctor/user.ts";
export { type Action, type BrokerPlan, type ConsumerPlan, refusal, type StreamPlan } from "./plan.ts";
export { ADVISED_SERVER, checkServerVersion, LOWEST_SERVER } from "./server-version.ts";
export { OV_ACTIVATIONS, OV_ADVISORIES, OV_DEAD_LETTERS, OV_EVENTS, type StreamOptions, type StreamWish, streamWishes } from "./streams.ts";
