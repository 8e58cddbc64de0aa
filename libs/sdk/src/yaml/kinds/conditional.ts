import { OpenVibeError, type State } from "@openvibe/core";
import { z } from "zod";
import type { BranchDraft, RouteDraft } from "../../draft.ts";
import { look } from "../template.ts";
import { common, type DurationForm, Id, type Into, type Kind, type NodeForm } from "./kind.ts";

interface RouteForm {
  readonly when?: string;
  readonly is?: string | number | boolean;
  readonly from?: number;
  readonly below?: number;
  readonly nodes?: readonly NodeForm[];
  readonly goto?: string;
  readonly end?: true;
}

interface ConditionalForm extends NodeForm {
  readonly field?: string;
  readonly routes: Readonly<Record<string, RouteForm | readonly NodeForm[] | null>>;
  readonly timeout?: DurationForm;
}

/** Picks a route: by conditions, by a field's value, or by a handler. */
export const conditional: Kind = {
  form: (nodes) =>
    z.strictObject({
      ...common("conditional", "Picks one of the routes; each one's nodes rejoin at the next node."),
      field: z
        .string()
        .optional()
        .describe("The field whose value picks the route: by is, by from and below, or by being the route's name."),
      routes: z
        .record(
          z.string(),
          z.union([
            z.null(),
            nodes,
            z.strictObject({
              when: z
                .string()
                .optional()
                .describe("A condition such as score >= 80 and stage in ['new', 'open']; the first that holds wins."),
              is: z.union([z.string(), z.number(), z.boolean()]).optional().describe("The field has this value."),
              from: z.number().optional().describe("The field is this number or above."),
              below: z.number().optional().describe("The field is below this number."),
              nodes: nodes.optional().describe("Nodes of the route; without any it goes straight on."),
              goto: Id.optional().describe("The node that it goes to instead, before or behind; not into a loop."),
              end: z.literal(true).optional().describe("It ends the run as completed."),
            }),
          ]),
        )
        .refine((routes) => Object.keys(routes).length > 0, "a conditional needs at least one route"),
    }),
  draft(node, into) {
    const form = node as ConditionalForm;
    const routes = Object.entries(form.routes).map(([name, route]) => [name, toRoute(route)] as const);
    const drawn = routes.map(([name, { nodes = [], goto, end }]): readonly [string, RouteDraft] => {
      if ([goto !== undefined, end === true, nodes.length > 0].filter(Boolean).length > 1)
        throw into.spot("routes", name).fault("a route has nodes, or goto, or end: one of them at most");
      if (goto !== undefined) return [name, { goto }];
      if (end === true) return [name, { end }];
      const path = Array.isArray(form.routes[name]) ? ["routes", name] : ["routes", name, "nodes"];
      return [name, into.drafts(nodes, ...path)];
    });
    const choose = chooser(form, routes, into);
    return {
      kind: "branch",
      name: form.id,
      choose,
      routes: new Map(drawn),
      options: form.timeout === undefined ? {} : { timeout: form.timeout },
    };
  },
};

type Routes = readonly (readonly [name: string, route: RouteForm])[];

/** A list of nodes is a route that says nothing of when. */
function toRoute(route: ConditionalForm["routes"][string]): RouteForm {
  if (route === null) return {};
  return Array.isArray(route) ? { nodes: route as readonly NodeForm[] } : (route as RouteForm);
}

function chooser(form: ConditionalForm, routes: Routes, into: Into): BranchDraft["choose"] {
  if (form.field !== undefined) return chooseByField(form.id, form.field, routes, into);
  const odd = routes.find(([, { is, from, below }]) => is !== undefined || from !== undefined || below !== undefined);
  if (odd !== undefined) throw into.spot("routes", odd[0]).fault("is, from and below need the conditional's field");
  if (routes.some(([, { when }]) => when !== undefined)) return chooseByConditions(form.id, routes, into);
  const handler = into.handler();
  if (handler === undefined)
    throw into
      .spot()
      .fault(`nothing picks a route: give the routes a condition (when), the conditional a field, or a handler: ${into.howToRegister}`);
  return handler as BranchDraft["choose"];
}

interface Test {
  readonly route: string;
  readonly holds: (state: State) => boolean;
}

function chooseByConditions(id: string, routes: Routes, into: Into): BranchDraft["choose"] {
  const fields = new Set<string>();
  const tests = routes.map(([route, { when }], index): Test => {
    if (when === undefined) {
      if (index < routes.length - 1)
        throw into.spot("routes", route).fault("only the last route may be without a condition (when): it is taken when no other is");
      return { route, holds: () => true };
    }
    const condition = into.condition(when, "routes", route, "when");
    for (const field of condition.fields) fields.add(field);
    return { route, holds: condition.holds };
  });
  return first(id, tests, [...fields]);
}

function chooseByField(id: string, field: string, routes: Routes, into: Into): BranchDraft["choose"] {
  const ranged = routes.some(([, { from, below }]) => from !== undefined || below !== undefined);
  into.uses.read(field, ranged ? "number" : "shown", into.spot("field"));
  const tests = routes.map(([route, { when, is, from, below }]): Test => {
    if (when !== undefined)
      throw into.spot("routes", route, "when").fault("when stands in place of the conditional's field, not beside it");
    if (is !== undefined && (from !== undefined || below !== undefined))
      throw into.spot("routes", route).fault("give is, or from and below; not both");
    if (from !== undefined && below !== undefined && from >= below)
      throw into.spot("routes", route).fault(`nothing is from ${from} and below ${below}`);
    const of = (state: State) => look(state, [field]);
    if (from !== undefined || below !== undefined) return { route, holds: (state) => isWithin(of(state), from, below) };
    if (is !== undefined) return { route, holds: (state) => of(state) === is };
    return { route, holds: ranged && route === routes.at(-1)?.[0] ? () => true : (state) => String(of(state) ?? "") === route };
  });
  return first(id, tests, [field]);
}

function isWithin(value: unknown, from = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY): boolean {
  return typeof value === "number" && value >= from && value < below;
}

/** The first that holds wins. None: the run fails, and says by which values. */
function first(id: string, tests: readonly Test[], fields: readonly string[]): BranchDraft["choose"] {
  return (state) => {
    const found = tests.find(({ holds }) => holds(state));
    if (found !== undefined) return found.route;
    const values = fields.map((field) => `${field} = ${JSON.stringify(look(state, [field]) ?? null).slice(0, 80)}`);
    throw new OpenVibeError(
      "OV_ROUTE_UNKNOWN",
      `no route of ${id} fits: ${values.join(", ")}; there are ${tests.map(({ route }) => route).join(", ")}`,
    );
  };
}
