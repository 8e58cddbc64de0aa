/** The entry `@openvibe/graph/plan`: workflows as data, without LangGraph. */
export { type Compatibility, compatible } from "./compatible.ts";
export { diffManifests, type ManifestDiff, type NamesDiff, type StepDiff, type WorkflowDiff } from "./diff.ts";
export { drawMermaid } from "./draw-mermaid.ts";
export { drawSvg } from "./draw-svg.ts";
export { drawText } from "./draw-text.ts";
export { type GraphData, toGraphData } from "./graph-data.ts";
