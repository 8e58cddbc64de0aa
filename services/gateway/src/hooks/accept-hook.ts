import { hash } from "node:crypto";
import { type JsonObject, OpenVibeError, parseTraceparent } from "@openvibe/core";
import { HOOK_PRESETS, type HookPreset, type HookSettings } from "@openvibe/http/hook-source";
import type { Acceptor } from "@openvibe/runtime";
import { isJsonHook, parseHookBody } from "./hook-body.ts";
import { type HookRequest, headerOf } from "./hook-request.ts";
import { PRESETS } from "./presets.ts";

export interface HookAddress {
  readonly source: string;
  readonly name: string;
}

/** What a sender is answered. */
export type HookAnswer =
  | { readonly did: "accepted"; readonly runs: readonly HookRun[] }
  /** Slack asks whether somebody is there, and gets its question back. */
  | { readonly did: "challenged"; readonly challenge: string };

export interface HookRun {
  readonly operatorId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly replayed: boolean;
}

/** Of an id; a longer or odder one stands for itself by its digest. */
const PLAIN_ID = /^[\x21-\x7e]{1,200}$/;

/**
 * Takes a webhook: first who sent it, then what it says, then who listens. Each trigger that listens starts one run for each delivery, whoever delivers it again.
 * @throws OpenVibeError OV_HOOK_NOT_OPEN, OV_SIGNATURE_INVALID, OV_HOOK_NOT_FOUND, those of `parseHookBody` and of `Acceptor.accept`
 */
export async function acceptHook(
  request: HookRequest,
  { source, name }: HookAddress,
  { hooks, acceptor }: { readonly hooks: HookSettings; readonly acceptor: Pick<Acceptor, "accept" | "catalogue"> },
): Promise<HookAnswer> {
  const preset = verify(request, source, hooks);
  const entries = parseHookBody(request);
  const [first] = entries;
  if (preset === HOOK_PRESETS.slack && first?.type === "url_verification" && typeof first.challenge === "string")
    return { did: "challenged", challenge: first.challenge };
  const triggers = await acceptor.catalogue.findTriggers(`webhook:${source}_${name}`);
  if (triggers.length === 0) throw new OpenVibeError("OV_HOOK_NOT_FOUND", `no workflow has the trigger webhook:${source}_${name}`);
  if (preset === HOOK_PRESETS.github && headerOf(request, "x-github-event") === "ping") return { did: "accepted", runs: [] };

  const wanted = entries.flatMap((entry, index) => {
    const id = idOf(request, preset, entry, entries.length === 1 ? undefined : index);
    const input = withEventOf(request, preset, entry);
    return triggers.map((trigger) => ({ ...trigger, input, origin: `hook:${trigger.operatorId}.${trigger.trigger}:${id}` }));
  });
  // All of them first: what does not fit one starts none.
  for (const { operatorId, trigger, input } of wanted) (await acceptor.catalogue.getWorkflow(operatorId, trigger)).checkInput(input);
  const runs: HookRun[] = [];
  for (const each of wanted) {
    const { run, replayed } = await acceptor.accept({ ...each, ...traced(request) });
    runs.push({ operatorId: run.operatorId, workflowId: run.workflowId, runId: run.runId, replayed });
  }
  return { did: "accepted", runs };
}

/** The source's way of signing, once the request has proved to come from it. */
function verify(request: HookRequest, source: string, { sources, unsigned }: HookSettings): HookPreset {
  const known = Object.hasOwn(sources, source) ? sources[source] : undefined;
  if (known === undefined) {
    // A page in a browser can send a form here without asking, but no JSON.
    if (unsigned && isJsonHook(request)) return Object.hasOwn(HOOK_PRESETS, source) ? (source as HookPreset) : HOOK_PRESETS.token;
    const hint = unsigned ? "; without it only JSON is taken here" : "";
    throw new OpenVibeError("OV_HOOK_NOT_OPEN", `webhooks of ${source} are not taken: OPENVIBE_HOOKS holds no secret of it${hint}`);
  }
  const preset = PRESETS[known.preset];
  if (preset.isGenuine(request, known.secret)) return known.preset;
  throw new OpenVibeError(
    "OV_SIGNATURE_INVALID",
    `a webhook of ${source} proves in ${preset.header} that it is one; this one does not, or not by this secret, or its time is more than five minutes off`,
  );
}

function idOf(request: HookRequest, preset: HookPreset, entry: JsonObject, index: number | undefined): string {
  const given = PRESETS[preset].idOf(request, entry);
  // Of several entries each is a delivery; one id for all of them does not tell them apart.
  const suffix = index === undefined || preset === HOOK_PRESETS.hubspot ? "" : `:${index}`;
  if (given === undefined) return `body:${hash("sha256", request.raw).slice(0, 32)}${suffix}`;
  return (PLAIN_ID.test(given) ? given : `id:${hash("sha256", given).slice(0, 32)}`) + suffix;
}

/** GitHub says only beside the body what has happened. */
function withEventOf(request: HookRequest, preset: HookPreset, entry: JsonObject): JsonObject {
  const event = preset === HOOK_PRESETS.github ? headerOf(request, "x-github-event") : undefined;
  return event === undefined ? entry : { github_event: event, ...entry };
}

function traced(request: HookRequest): { readonly traceparent?: string } {
  const traceparent = parseTraceparent(headerOf(request, "traceparent"));
  return traceparent === undefined ? {} : { traceparent };
}
