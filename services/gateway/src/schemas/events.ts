/** The bodies of events: as they are read, and as they are published from outside. */
import { EVENT_TYPE_PATTERN, OWN_EVENT_WORDS } from "@openvibe/core";
import { z } from "zod";
import { EVENT_ID_PATTERN, SOURCE_PATTERN } from "../outside-event.ts";
import { JsonObject, Time } from "./json.ts";

export const EventBody = z
  .looseObject({
    specversion: z.literal("1.0"),
    id: z.string(),
    source: z.string(),
    type: z.string(),
    subject: z.string().optional(),
    time: Time,
    datacontenttype: z.string(),
    operatorid: z.string().optional(),
    workflowid: z.string().optional(),
    runid: z.string().optional(),
    nodeid: z.string().optional(),
    sequence: z.int().optional().describe("Per run, from 0, without gaps."),
    data: JsonObject.optional().describe("Left out where `dataref` says where it is."),
    dataref: z.string().optional().describe("Address of data above 64 KB of JSON, kept as long as the event."),
  })
  .meta({ id: "Event", description: "CloudEvents 1.0, structured." });

/** As `parsePublishedType`: words joined by dots, none of OpenVibe's own. */
const PublishedType = z
  .string()
  .regex(new RegExp(EVENT_TYPE_PATTERN))
  .meta({ not: { pattern: `^(${OWN_EVENT_WORDS.join("|")})[._]` }, examples: ["lead.replied"] });
const OutsideId = z.string().regex(new RegExp(EVENT_ID_PATTERN));
const Source = z.string().regex(new RegExp(SOURCE_PATTERN));

export const OutsideEventBody = z
  .strictObject({
    type: PublishedType,
    data: JsonObject.optional().describe("At most 64 KB of JSON."),
    id: OutsideId.optional().describe("Unique within the source: the same again is the same event. Made up when absent."),
    source: Source.optional().describe("Who publishes it; / when absent."),
    time: z.iso.datetime({ offset: true }).optional().describe("When it happened; now when absent."),
  })
  .meta({ id: "OutsideEvent", examples: [{ type: "lead.replied", data: { lead_id: "lead_1", text: "Yes, please." } }] });

export const CloudEventBody = z
  .looseObject({
    specversion: z.literal("1.0"),
    id: OutsideId,
    source: Source,
    type: PublishedType,
    time: z.iso.datetime({ offset: true }).optional(),
    datacontenttype: z.literal("application/json").optional(),
    data: JsonObject.optional().describe("At most 64 KB of JSON."),
  })
  .meta({
    id: "CloudEvent",
    description: "CloudEvents 1.0, structured. Extensions are passed over, but for traceparent.",
    propertyNames: { pattern: "^[a-z0-9]{1,40}$" },
    examples: [
      {
        specversion: "1.0",
        id: "inv-7",
        source: "/billing",
        type: "invoice.paid",
        datacontenttype: "application/json",
        data: { deal: "d1" },
      },
    ],
  });

export const PublishedEventsBody = z
  .object({
    events: z.array(
      z.object({
        id: z.string().describe("The event's id in the log, made of its source and id."),
        type: z.string(),
        replayed: z.boolean().describe("It was there already."),
      }),
    ),
  })
  .meta({ id: "PublishedEvents" });

export const EventDataBody = JsonObject.meta({ id: "EventData" });
