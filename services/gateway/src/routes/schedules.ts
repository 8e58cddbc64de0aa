import { type JsonObject, newToken } from "@openvibe/core";
import { assertMayOperator, maySee, parseParams, parseQuery } from "@openvibe/http";
import { listScheduled, type ScheduledTrigger } from "@openvibe/scheduler";
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { ACCEPTED_HEADERS, IDEMPOTENCY_KEY, sendAccepted, toIdempotencyKey } from "../accepted.ts";
import { refuseBody } from "../body-fields.ts";
import { CURSOR, parseKeyCursor, toKeyCursor } from "../cursor.ts";
import type { RouteDeps } from "../gateway-deps.ts";
import { LIMIT, OPERATOR } from "../list-parameters.ts";
import { toPage } from "../page.ts";
import { getScheduled, toScheduleBodies } from "../schedules.ts";
import { pageOf } from "../schemas/json.ts";
import { AcceptedRunBody } from "../schemas/runs.ts";
import { ScheduleBody } from "../schemas/schedules.ts";

const QUERY = { operator: { ...OPERATOR, description: "Only schedules of this operator." }, limit: LIMIT, cursor: CURSOR };
const ADDRESS = "/schedules/:operator_id/:trigger";
const PROBLEMS = ["OV_ID_INVALID", "OV_REQUEST_INVALID", "OV_OPERATOR_NOT_FOUND", "OV_TRIGGER_NOT_FOUND", "OV_STORE_UNAVAILABLE"] as const;
/** In the order of `listScheduled`. */
const keyOf = ({ operatorId, triggerId }: ScheduledTrigger) => `${operatorId} ${triggerId}`;

/** What the clock starts: listed, paused, resumed, and started by hand. */
export const scheduleRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  const { store, acceptor, clock } = deps;

  app.get(
    "/schedules",
    {
      config: {
        leavesOutOthers: true,
        doc: {
          id: "list_schedules",
          tag: "schedules",
          summary: "The triggers that the clock fires, by operator and trigger, and when they do so next.",
          query: QUERY,
          answers: { 200: { description: "A page.", body: pageOf(ScheduleBody) } },
          problems: ["OV_PARAMETER_INVALID", "OV_STORE_UNAVAILABLE"],
        },
      },
    },
    async (request) => {
      const { operator, limit, cursor } = parseQuery(request.query, QUERY);
      if (operator !== undefined) assertMayOperator(request.caller, operator);
      const list: JsonObject = { list: "schedules", ...(operator === undefined ? {} : { operator }) };
      const after = parseKeyCursor(cursor, list) ?? "";
      const manifests = (await acceptor.catalogue.list()).map(({ manifest }) => manifest);
      const seen = manifests.filter(({ id }) => maySee(request.caller, id) && (operator === undefined || id === operator));
      const rest = listScheduled(seen).filter((each) => keyOf(each) > after);
      const page = toPage(
        rest,
        limit,
        (each) => each,
        (last) => toKeyCursor(keyOf(last), list),
      );
      return { ...page, data: await toScheduleBodies(deps, page.data) };
    },
  );

  for (const verb of ["pause", "resume"] as const) {
    app.post(
      `${ADDRESS}/${verb}`,
      {
        config: {
          scope: "admin",
          doc: {
            id: `${verb}_schedule`,
            tag: "schedules",
            summary:
              verb === "pause" ? "Lets the clock start nothing by this trigger." : "Lets the clock go on with this trigger's next slot.",
            description:
              verb === "pause"
                ? "Slots that pass meanwhile start nothing, later either. Runs that go on are left alone. Paused again it stays so. There is no body."
                : "Slots that passed while it was paused start nothing. What is not paused stays as it is. There is no body.",
            answers: { 200: { description: "The schedule as it is now.", body: ScheduleBody } },
            problems: [...PROBLEMS],
          },
        },
      },
      async (request) => {
        refuseBody(request.body, `to ${verb} takes nothing`);
        const trigger = await getTrigger(request);
        await store.schedules[verb]({ ...trigger, at: clock.now() });
        const [body] = await toScheduleBodies(deps, [trigger]);
        return body;
      },
    );
  }

  app.post(
    `${ADDRESS}/run`,
    {
      config: {
        doc: {
          id: "run_schedule",
          tag: "schedules",
          summary: "Starts a run by this trigger now, whatever the clock says.",
          description: "Also while it is paused. Its slots stay as they are. The run has no tag slot. There is no body.",
          headers: { "Idempotency-Key": IDEMPOTENCY_KEY },
          answers: { 202: { description: "Accepted: the run will end.", body: AcceptedRunBody, headers: ACCEPTED_HEADERS } },
          problems: [...PROBLEMS, "OV_IDEMPOTENCY_KEY_INVALID", "OV_IDEMPOTENCY_MISMATCH", "OV_INPUT_INVALID", "OV_BACKLOG_FULL"],
        },
      },
    },
    async (request, reply) => {
      refuseBody(request.body, "a run by the clock has no input");
      const { operatorId, triggerId: trigger } = await getTrigger(request);
      const origin = `cron-now:${operatorId}.${trigger}:${newToken()}`;
      const accepted = await acceptor.accept({
        operatorId,
        trigger,
        input: {},
        origin,
        principal: request.principal,
        ...toIdempotencyKey(request),
      });
      return sendAccepted(reply.code(202), accepted);
    },
  );

  const getTrigger = async (request: FastifyRequest): Promise<ScheduledTrigger> => {
    const { operator_id: operatorId, trigger } = parseParams(request.params, { operator_id: "operator", trigger: "trigger" });
    return await getScheduled(deps, operatorId, trigger);
  };
};
