import type { RequestEnvelope } from "@openvibe/bus";
import { ACTIVATE, type JsonObject, parseId, parseTraceparent, toRunBody } from "@openvibe/core";
import { patiently, runFields, toAskOrigin } from "@openvibe/runtime";
import type { RouteDeps } from "./gateway-deps.ts";

/**
 * The way in over the bus, for programs that speak it and no HTTP, and for nodes: a request to `{operator}.activate` is what
 * `POST …/activate` is, body and answer included. The same ask id again gives the same run. Opens as soon as the bus lets it; disposing answers what is
 * here, and leaves the rest to other gateways.
 */
export function openActivationDoor({ bus, acceptor, logger }: Pick<RouteDeps, "bus" | "acceptor" | "logger">): AsyncDisposable {
  const stop = new AbortController();
  const answer = async (operator: string, { body, askId, traceparent: given }: RequestEnvelope): Promise<JsonObject> => {
    const operatorId = parseId(operator, "operator");
    const traceparent = parseTraceparent(given);
    const accepted = await acceptor.accept({
      operatorId,
      ...acceptor.parse(body),
      origin: toAskOrigin(askId, `${operatorId}.${ACTIVATE}`),
      ...(traceparent === undefined ? {} : { traceparent }),
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
