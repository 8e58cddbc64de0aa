export { DATA_KEY, LINE_KEYS, LOG_KEYS, SUBJECT_KEYS } from "./log-keys.ts";
export { createLogger, type LoggerOptions, type LogLevel } from "./logger.ts";
export { METRICS, type MetricName, type MetricRow } from "./metric-table.ts";
export { createMetrics, type LlmCallEnd, type Metrics, type MetricsOptions, type NodeEnd, type RunEnd } from "./metrics.ts";
export { createScrubber } from "./scrub.ts";
export { VERSION } from "./version.ts";
