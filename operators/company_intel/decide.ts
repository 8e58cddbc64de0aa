import { findReplyObject } from "../shared/reply-object.ts";

export const Quality = { High: "high", Medium: "medium", Low: "low" } as const;
export type Quality = (typeof Quality)[keyof typeof Quality];

const QUALITIES = new Set<string>(Object.values(Quality));

/** How good a prospect the analysis makes the company: what its JSON says, else the first word found in the text, else medium. */
export function decideQuality(analysis: string): Quality {
  const reply = findReplyObject(analysis);
  if (reply === undefined) return searchQuality(analysis.toLowerCase());
  const named = reply.prospect_quality;
  const quality = typeof named === "string" ? named.toLowerCase() : "";
  return isQuality(quality) ? quality : Quality.Medium;
}

/** By substring on purpose: "slow" counts as low. */
function searchQuality(text: string): Quality {
  if (text.includes(Quality.High)) return Quality.High;
  return text.includes(Quality.Low) ? Quality.Low : Quality.Medium;
}

function isQuality(text: string): text is Quality {
  return QUALITIES.has(text);
}
