import type { JsonObject } from "openvibe";
import { firstCharacters } from "../shared/first-characters.ts";
import { readNumber } from "../shared/read-number.ts";
import { findReplyObject } from "../shared/reply-object.ts";

export const LeadRoute = { Sales: "sales", Nurture: "nurture", Education: "education", Disqualify: "disqualify" } as const;
export type LeadRoute = (typeof LeadRoute)[keyof typeof LeadRoute];

const MIN_FIT = 20;
const SALES_FROM = 80;
const NURTURE_FROM = 50;
const KEPT_OF_REPLY = 200;
/** Marks the score that stands for an unusable reply: state has no other place for it, and a score of zeros alone may be the model's own. */
const UNUSABLE = "The model did not reply with one JSON object. Its reply begins: ";

/** The model's reply as the lead's score: its JSON object as it is, else zeros and what the reply began with. */
export function readScore(reply: string): JsonObject {
  return (
    findReplyObject(reply) ?? {
      fit_score: 0,
      intent_score: 0,
      urgency_score: 0,
      reasoning: `${UNUSABLE}${firstCharacters(reply, KEPT_OF_REPLY)}`,
      route: LeadRoute.Education,
    }
  );
}

export interface RoutedLead {
  readonly route: LeadRoute;
  readonly composite: number;
}

/** Weighs the three scores and picks the way. The route that the model named is not asked. */
export function routeLead(score: JsonObject | null): RoutedLead {
  // An unusable reply says nothing about the lead, so it must never disqualify one in the CRM.
  if (score === null || isUnusable(score)) return { route: LeadRoute.Education, composite: 0 };
  const fit = readNumber(score.fit_score) ?? 0;
  const composite = weigh(fit, readNumber(score.intent_score) ?? 0, readNumber(score.urgency_score) ?? 0);
  return { route: pickRoute(fit, composite), composite };
}

function pickRoute(fit: number, composite: number): LeadRoute {
  if (fit < MIN_FIT) return LeadRoute.Disqualify;
  if (composite >= SALES_FROM) return LeadRoute.Sales;
  return composite >= NURTURE_FROM ? LeadRoute.Nurture : LeadRoute.Education;
}

/** Weights 0.4, 0.35 and 0.25, multiplied as whole numbers: an exact 50 or 80 then is exact. */
function weigh(fit: number, intent: number, urgency: number): number {
  return (40 * fit + 35 * intent + 25 * urgency) / 100;
}

function isUnusable({ fit_score, intent_score, urgency_score, reasoning, route }: JsonObject): boolean {
  const isZero = fit_score === 0 && intent_score === 0 && urgency_score === 0 && route === LeadRoute.Education;
  return isZero && typeof reasoning === "string" && reasoning.startsWith(UNUSABLE);
}
