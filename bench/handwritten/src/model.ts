import { setTimeout as delay } from "node:timers/promises";

/** Stands for a model: answers at once, or after `ms`, the same for the same prompt. */
export async function askModel(prompt: string, ms: number): Promise<string> {
  if (ms > 0) await delay(ms);
  return `Re: ${prompt.slice(0, 60)}`;
}
