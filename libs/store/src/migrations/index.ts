import { OpenVibeError } from "@openvibe/core";
import { tables } from "./001-tables.ts";
import { timers } from "./002-timers.ts";
import { lists } from "./003-lists.ts";
import { eventData } from "./004-event-data.ts";
import { steps } from "./005-steps.ts";
import { subSteps } from "./006-sub-steps.ts";
import { checkpoints } from "./007-checkpoints.ts";
import { webhooks } from "./008-webhooks.ts";
import { events } from "./009-events.ts";
import { children } from "./010-children.ts";
import { parking } from "./011-parking.ts";
import { posted } from "./012-posted.ts";
import { schedules } from "./013-schedules.ts";
import { pacing } from "./014-pacing.ts";
import { listedByStatements } from "./015-listed-by-statements.ts";
import type { Ddl, Migration } from "./ddl.ts";

export const MIGRATIONS: readonly Migration[] = [
  tables,
  timers,
  lists,
  eventData,
  steps,
  subSteps,
  checkpoints,
  webhooks,
  events,
  children,
  parking,
  posted,
  schedules,
  pacing,
  listedByStatements,
];
export const NEWEST = MIGRATIONS.length;

/** The statements that bring a schema of this version up to date. @throws OpenVibeError OV_STORE_SCHEMA when it is newer than this program. */
export function planMigrations(version: number, where: string, ddl: Ddl): readonly string[] {
  if (version > NEWEST) {
    throw new OpenVibeError(
      "OV_STORE_SCHEMA",
      `${where} holds schema version ${version}, this program knows up to ${NEWEST}: use the newer OpenVibe that made it, or another store`,
    );
  }
  return MIGRATIONS.filter((migration) => migration.version > version).flatMap((migration) => migration.statements(ddl));
}

export type { Ddl };
