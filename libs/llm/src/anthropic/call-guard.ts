import { OpenVibeError } from "@openvibe/core";

/** Ends one call: when its caller aborts, when its time is up, or when the answer falls silent. */
export interface CallGuard extends Disposable {
  /** Given to the request; aborted, it destroys the socket. */
  readonly signal: AbortSignal;
  /** Set as soon as the guard ended the call: what the call throws. */
  readonly ended: { readonly reason: unknown } | undefined;
  /** Bytes of the answer arrived: the silence begins anew. The first call starts the watch. */
  heard(): void;
  /** From here on nothing but the end of the body is missing, which is worth this long and no error. */
  hurry(ms: number): void;
}

export function guardCall(
  caller: AbortSignal,
  { timeoutMs, idleMs, what }: { readonly timeoutMs: number; readonly idleMs: number; readonly what: string },
): CallGuard {
  const controller = new AbortController();
  let ended: { readonly reason: unknown } | undefined;
  let idle: NodeJS.Timeout | undefined;
  let hurried = false;
  const end = (reason: unknown) => {
    ended ??= { reason };
    controller.abort();
  };
  const late = (message: string) => () => end(new OpenVibeError("OV_LLM_TIMEOUT", `${what}: ${message}`));
  const abort = () => end(caller.reason);
  const total = setTimeout(late(`no complete answer within ${timeoutMs} ms`), timeoutMs);
  caller.addEventListener("abort", abort, { once: true });

  return {
    signal: controller.signal,
    get ended() {
      return ended;
    },
    heard() {
      if (hurried) return;
      if (idle === undefined) idle = setTimeout(late(`the answer was silent for ${idleMs} ms`), idleMs);
      else idle.refresh();
    },
    hurry(ms) {
      hurried = true;
      clearTimeout(idle);
      idle = setTimeout(() => controller.abort(), ms);
    },
    [Symbol.dispose]() {
      clearTimeout(total);
      clearTimeout(idle);
      caller.removeEventListener("abort", abort); // a run's signal outlives its calls
    },
  };
}
