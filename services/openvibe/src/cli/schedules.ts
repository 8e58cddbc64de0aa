import type { JsonObject } from "@openvibe/core";
import { openApi } from "./api-client.ts";
import { note, noteMore, print, printJson, printRun, printTable, watchLine } from "./print.ts";
import type { ListOptions, ShowOptions } from "./runs.ts";

export async function listSchedules(options: Omit<ListOptions, "workflow" | "status">): Promise<void> {
  const query = new URLSearchParams({ limit: options.limit });
  for (const name of ["operator", "cursor"] as const) {
    const value = options[name];
    if (value !== undefined) query.set(name, value);
  }
  const page = await (await openApi(options)).call("GET", `/v1/schedules?${query}`);
  if (options.json === true) return printJson(page);
  const schedules = page.data as readonly JsonObject[];
  printTable(["TRIGGER", "WHEN", "NEXT", "LAST RUN"], schedules.map(toRow));
  noteMore(page, options);
  if (schedules.length === 0) note("there is none; a workflow gets one by a trigger such as cron:0 7 * * 1-5 Europe/Berlin", options);
}

export async function changeSchedule(operator: string, trigger: string, verb: "pause" | "resume", options: ShowOptions): Promise<void> {
  const schedule = await (await openApi(options)).call("POST", `${pathOf(operator, trigger)}/${verb}`);
  if (options.json === true) return printJson(schedule);
  print(`${nameOf(schedule)}  ${whatNext(schedule)}`);
}

export async function runSchedule(
  operator: string,
  trigger: string,
  options: ShowOptions & { readonly idempotencyKey?: string },
): Promise<void> {
  const headers = options.idempotencyKey === undefined ? {} : { "idempotency-key": options.idempotencyKey };
  const run = await (await openApi(options)).call("POST", `${pathOf(operator, trigger)}/run`, undefined, headers);
  if (options.json === true) return printJson(run);
  printRun(run);
  note(`see it with: ${watchLine(run, options)}`, options);
}

function pathOf(operator: string, trigger: string): string {
  return `/v1/schedules/${encodeURIComponent(operator)}/${encodeURIComponent(trigger)}`;
}

function toRow(schedule: JsonObject): readonly string[] {
  const last = schedule.last_run as JsonObject | null;
  const lastRun = last === null ? "none yet" : `${String(last.run_id)} ${String(last.status ?? "not kept")}`;
  return [nameOf(schedule), `${String(schedule.expression)} ${String(schedule.time_zone)}`, whatNext(schedule), lastRun];
}

function nameOf({ operator_id, trigger }: JsonObject): string {
  return `${String(operator_id)}.${String(trigger)}`;
}

function whatNext({ paused, next_slots }: JsonObject): string {
  return paused === true ? "paused" : String((next_slots as readonly string[])[0] ?? "never");
}
