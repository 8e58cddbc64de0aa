import type { RequestEnvelope } from "@openvibe/bus";
import { ACTIVATE, checkHops, type JsonObject, parseId, parseTraceparent, toRunBody } from "@openvibe/core";
import { patiently, runFields, toAskCause, toAskOrigin } from "@openvibe/runtime";
import type { RouteDeps } from "./gateway-deps.ts";

/**
 * The way in over the bus, for programs that speak it and no HTTP, and for nodes: a request to `{operator}.activate` is what
 * `POST …/activate` is, body and answer included. The same ask id again gives the same run. Opens as soon as the bus lets it; disposing answers what is
 * here, and leaves the rest to other gateways.
 */
export function openActivationDoor({ bus, acceptor, logger }: Pick<RouteDeps, "bus" | "acceptor" | "logger">): AsyncDisposable {
  const stop = new AbortController();
  const answer = async (operator: string, request: RequestEnvelope): Promise<JsonObject> => {
    const { body, askId } = request;
    const operatorId = parseId(operator, "operator");
    checkHops(request.hops ?? 0, `${operatorId}.${ACTIVATE}`);
    const traceparent = parseTraceparent(request.traceparent);
    const accepted = await acceptor.accept({
      operatorId,
      ...acceptor.parse(body),
      origin: toAskOrigin(askId, `${operatorId}.${ACTIVATE}`),
      ...(traceparent === undefined ? {} : { traceparent }),
      ...toAskCause(request),
    });
    const { run, replayed, warnings } = accepted;
    logger.debug({ ask_id: askId, ...runFields(run) }, replayed ? "run was there already" : "run accepted over the bus");
    return { ...toRunBody(run), warnings };
  };
  const opening = patiently(() => bus.requests.answerForAll(ACTIVATE, answer), { signal: stop.signal }).catch((err: unknown) => {
    if (!stop.signal.aborted) logger.error({ err }, "activations over the bus are not answered here");
    return undefined;
  });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await (await opening)?.[Symbol.asyncDispose]();
    },
  };
}
