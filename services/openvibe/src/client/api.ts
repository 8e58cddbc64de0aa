/** Made of docs/openapi.json by `pnpm openapi`. Not to be edited. */
import type { JsonValue } from "@openvibe/core";
export interface paths {
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process lives; asks nobody else. */
        get: operations["get_liveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the service can do its work now. */
        get: operations["get_readiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts for Prometheus. */
        get: operations["get_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document. */
        get: operations["get_openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/asyncapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What travels over NATS.
         * @description For programs that speak NATS: every subject, and every event with its data.
         */
        get: operations["get_asyncapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All operators, and who serves them now. */
        get: operations["list_operators"];
        put?: never;
        /**
         * Registers an operator from a document: YAML, or the same as JSON.
         * @description The form is that of a file of operators (`/v1/schemas/operators.json`): the operator itself, or operators with one entry. Prompts stand in the document; logic nodes need a handler at a running worker. It is kept, and served by every worker within seconds. The same content again changes nothing.
         */
        post: operations["register_operator"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One operator: its workflows, triggers and steps. */
        get: operations["get_operator"];
        put?: never;
        post?: never;
        /**
         * Removes an operator that was posted, or that no worker serves any more.
         * @description Its ended runs stay as long as runs are kept. An operator with runs that have not ended stays: cancel them, or let them end.
         */
        delete: operations["remove_operator"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator_id}/graph": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An operator's workflows as a picture: Mermaid, text, SVG, or data. */
        get: operations["get_operator_graph"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schemas/operators.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JSON Schema of a file of operators, for editors. */
        get: operations["get_operators_schema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator_id}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Starts a run.
         * @description After a 2xx the run ends in exactly one terminal state, whatever process dies.
         */
        post: operations["activate_operator"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs of all operators, newest first. */
        get: operations["list_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator_id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs of one operator, newest first. */
        get: operations["list_operator_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Runs that were given up because their workers fell silent again and again, newest first.
         * @description The same runs as those with status=dead_lettered. Each of them can be redriven.
         */
        get: operations["list_dead_letters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator_id}/runs/{run_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One run. */
        get: operations["get_run"];
        put?: never;
        post?: never;
        /** Cancels a run. */
        delete: operations["cancel_run"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One run. */
        get: operations["get_run_by_id"];
        put?: never;
        post?: never;
        /** Cancels a run. */
        delete: operations["cancel_run_by_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator_id}/runs/{run_id}/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Starts a run anew that ended without having completed.
         * @description Makes a new run with the same workflow, trigger, input and tags, by the operator's current definition; rerun_of names the old one, which stays as it is. There is no body.
         */
        post: operations["redrive_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run_id}/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Starts a run anew that ended without having completed.
         * @description Makes a new run with the same workflow, trigger, input and tags, by the operator's current definition; rerun_of names the old one, which stays as it is. There is no body.
         */
        post: operations["redrive_run_by_id"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator_id}/runs/{run_id}/rerun": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Runs again what has ended: from a step, with other state, input, models or prompts.
         * @description Makes a new run by the operator's current definition; rerun_of names the old one, which stays as it is. From a step only where the old run's history was kept (OPENVIBE_HISTORY).
         */
        post: operations["rerun_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run_id}/rerun": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Runs again what has ended: from a step, with other state, input, models or prompts.
         * @description Makes a new run by the operator's current definition; rerun_of names the old one, which stays as it is. From a step only where the old run's history was kept (OPENVIBE_HISTORY).
         */
        post: operations["rerun_run_by_id"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator_id}/runs/{run_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answers a run that waits for people.
         * @description The run's interrupt holds the prompt, the schema of the answer, and the deadline. Of several answers one counts.
         */
        post: operations["resume_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator_id}/runs/{run_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every stored event of a run, in order. */
        get: operations["list_run_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator_id}/runs/{run_id}/events/{sequence}/data": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The data of one event.
         * @description Where an event's `dataref` leads: data above 64 KB of JSON does not travel with its event. Kept as long as the event, also when the run is purged.
         */
        get: operations["get_event_data"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator_id}/runs/{run_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What each step of a run did, in order.
         * @description Kept where the worker runs with OPENVIBE_HISTORY=true, as openvibe dev does.
         */
        get: operations["get_run_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The triggers that the clock fires, by operator and trigger, and when they do so next. */
        get: operations["list_schedules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{operator_id}/{trigger}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lets the clock start nothing by this trigger.
         * @description Slots that pass meanwhile start nothing, later either. Runs that go on are left alone. Paused again it stays so. There is no body.
         */
        post: operations["pause_schedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{operator_id}/{trigger}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lets the clock go on with this trigger's next slot.
         * @description Slots that passed while it was paused start nothing. What is not paused stays as it is. There is no body.
         */
        post: operations["resume_schedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{operator_id}/{trigger}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Starts a run by this trigger now, whatever the clock says.
         * @description Also while it is paused. Its slots stay as they are. The run has no tag slot. There is no body.
         */
        post: operations["run_schedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Publishes events from outside.
         * @description Stored before the answer; starts runs of the workflows it triggers, and ends waits. One event, or as CloudEvents batch up to 100, all or none. Sent again with the same source and id, an event is not stored again.
         */
        post: operations["publish_events"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/context/{bucket}/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reads an entry of shared context. */
        get: operations["get_context"];
        /**
         * Writes an entry of shared context.
         * @description The body is the value: any JSON of at most 262144 bytes. Without a condition the last writer wins.
         */
        put: operations["put_context"];
        post?: never;
        /** Deletes an entry of shared context. */
        delete: operations["delete_context"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/context/{bucket}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The keys of a bucket, in their own order, without values.
         * @description A bucket that nobody has written to has no keys. Keys written or deleted between two pages may be on them or not.
         */
        get: operations["list_context"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/subscribe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Has events sent to an address.
         * @description Every matching event from now on is sent at least once, under one id, signed by Standard Webhooks, and again for three days where it is not taken.
         */
        post: operations["subscribe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is sent events. */
        get: operations["list_subscriptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/subscriptions/{subscription_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One subscription. */
        get: operations["get_subscription"];
        put?: never;
        post?: never;
        /** Ends a subscription, and forgets its deliveries. */
        delete: operations["delete_subscription"];
        options?: never;
        head?: never;
        /**
         * Pauses, enables or changes a subscription.
         * @description Events that a paused one misses wait until it is enabled. What a disabled one misses is sent by a replay only.
         */
        patch: operations["change_subscription"];
        trace?: never;
    };
    "/v1/events/subscriptions/{subscription_id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchanges a subscription's secret.
         * @description For 24 hours both sign, the new one first: a receiver takes either.
         */
        post: operations["rotate_secret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/subscriptions/{subscription_id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a subscription is sent, newest first; status=dead_lettered are its dead letters. */
        get: operations["list_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/subscriptions/{subscription_id}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How each attempt to deliver went, newest first. */
        get: operations["list_attempts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/subscriptions/{subscription_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends an event of the type subscription.test, as any other. */
        post: operations["test_subscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/subscriptions/{subscription_id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends one delivery again, a dead letter too. */
        post: operations["resend_delivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/subscriptions/{subscription_id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends all matching events of a time again, as far as the event log keeps them.
         * @description Also those from before the subscription, and those it missed while it was disabled. Another replay takes the place of one under way.
         */
        post: operations["replay_events"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hooks/{source}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes a webhook, and starts every workflow with the trigger webhook:{source}_{name}.
         * @description Signed as the source signs (OPENVIBE_HOOKS): hubspot, slack, github, stripe, standard, hmac or token. The same delivery starts the same runs, once. The body's fields are the input; of a list each entry is a delivery.
         */
        post: operations["receive_webhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream events as they happen
         * @description Server-sent events: `event` is the type, `data` a CloudEvent, `id` an opaque cursor. A client that comes back with `Last-Event-ID`, to any replica, gets exactly what it missed, or first `stream.reset` (the cursor means nothing any more) or `stream.gap` (some of it is gone).
         */
        get: operations["stream_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator_id}/runs/{run_id}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream one run's events
         * @description Server-sent events: all stored events of the run from its first one (or after `Last-Event-ID`), and what is told live only (`node.started`, `node.retrying`, `node.progress`, `node.skipped`, `llm.delta`: without an id). Ends after the event that ends the run.
         */
        get: operations["stream_run"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description RFC 9457. */
        Problem: {
            /** @description A page about the problem. */
            type: string;
            title: string;
            status: number;
            /** @description For people; its text may change. */
            detail: string;
            instance?: string;
            /** @description For programs; never renamed. */
            code: string;
            request_id: string;
            errors?: {
                pointer: string;
                detail: string;
            }[];
        } & {
            [key: string]: unknown;
        };
        OperatorSummary: {
            id: string;
            name: string;
            description?: string;
            version: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            registered_at: string;
            /** @description It came over POST /v1/operators, and no code defines it. */
            posted: boolean;
            /** @description Instances that serve the operator now; null when that is not known. */
            workers: string[] | null;
            /** @description What it answers over the bus. */
            capabilities: string[];
            workflows: {
                id: string;
                triggers: {
                    id: string;
                    on: string;
                }[];
            }[];
        };
        Operator: {
            id: string;
            name: string;
            version: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            registered_at: string;
            /** @description It came over POST /v1/operators, and no code defines it. */
            posted: boolean;
            /** @description Instances that serve the operator now; null when that is not known. */
            workers: string[] | null;
            /** @description The same instances with what each of them says; null when that is not known. */
            instances: {
                id: string;
                /** @description Of the operator, as this instance has it. */
                version: string;
                /** @description What it answers over the bus. */
                capabilities: string[];
                /** @description When it began to serve; ISO 8601, UTC. */
                since: string;
                last_heartbeat: string;
            }[] | null;
            workflows: ({
                id: string;
                triggers: {
                    id: string;
                    on: string;
                }[];
                input_schema: {
                    [key: string]: unknown;
                };
                state_fields: string[];
                steps: ({
                    id: string;
                    /** @enum {string} */
                    kind: "llm" | "node" | "branch" | "loop" | "wait" | "human" | "graph" | "run" | "each";
                } & {
                    [key: string]: unknown;
                })[];
            } & {
                [key: string]: unknown;
            })[];
            answers: {
                [key: string]: string;
            };
        } & {
            [key: string]: unknown;
        };
        Graph: {
            operator_id: string;
            version: string;
            workflows: {
                id: string;
                triggers: {
                    id: string;
                    on: string;
                }[];
                steps: {
                    id: string;
                    kind: string;
                    description: string;
                }[];
                edges: {
                    /** @description null: the start. */
                    from: string | null;
                    /** @description null: the end. */
                    to: string | null;
                    route?: string;
                }[];
            }[];
        };
        /** @description An operator, or operators with one entry; /v1/schemas/operators.json says what it holds. */
        OperatorDocument: ({
            id: string;
        } & {
            [key: string]: unknown;
        }) | ({
            operators: ({
                id: string;
            } & {
                [key: string]: unknown;
            })[];
        } & {
            [key: string]: unknown;
        });
        /**
         * @example {
         *       "trigger": "greet",
         *       "input": {}
         *     }
         */
        Activation: {
            /** @description Id of a trigger, or of a workflow. */
            trigger: string;
            /** @description Laid over the state's defaults. */
            input?: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @description Kept with the run, to find it again: at most 32, names without a colon. */
            tags?: components["schemas"]["Tags"];
            /**
             * Format: date-time
             * @description Not ended by then, the run is timed_out; a time to come (RFC 3339).
             */
            deadline?: string;
            /**
             * @description There is one lane, so that normal is all there is: it changes nothing.
             * @constant
             */
            priority?: "normal";
        };
        /** @description Any JSON value. */
        Json: JsonValue;
        /** @description Short texts by name. */
        Tags: {
            [key: string]: string;
        };
        AcceptedRun: {
            run_id: string;
            operator_id: string;
            workflow_id: string;
            trigger: string;
            /** @enum {string} */
            status: "queued" | "running" | "waiting" | "completed" | "failed" | "cancelled" | "timed_out" | "dead_lettered";
            input: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @description Every state field given as input or written by a node; empty before the end. */
            output: {
                [key: string]: components["schemas"]["Json"];
            };
            error?: {
                code: string;
                message: string;
                node_id?: string;
            };
            interrupt?: {
                /** @enum {string} */
                kind: "human" | "timer" | "event" | "child" | "retry";
                node_id: string;
                data: {
                    [key: string]: components["schemas"]["Json"];
                };
            };
            /** @description No worker that has met it has a version that fits; it goes on as soon as one with such a version is there. */
            parked?: {
                reason: string;
                /** @description That the run goes by. */
                needs_version: string;
                /** @description Of the worker that met it last. */
                met_version: string;
                /** @description The step that comes next; null behind the last. */
                node_id: string | null;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC.
                 */
                since: string;
            };
            metrics: {
                /** @description From the first claim to the end, waits included. */
                duration_seconds: number;
                tokens_in: number;
                tokens_out: number;
                cache_read_tokens: number;
                cache_write_tokens: number;
                /** @description null as soon as one call's price is unknown. */
                cost_usd: number | null;
                nodes_executed: number;
                nodes_failed: number;
                llm_calls: number;
            };
            parent_run_id?: string;
            rerun_of?: string;
            /** @description Input keys that are no state field. */
            ignored_input: string[];
            attempt: number;
            /** @description Of the operator's definition that the run goes by. */
            version: string;
            tags: components["schemas"]["Tags"];
            /**
             * Format: date-time
             * @description When the run times out wherever it stands.
             */
            deadline?: string;
            /** @constant */
            cancel_requested?: true;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            created_at: string;
            started_at: string | null;
            completed_at: string | null;
            /** @description no_worker: nobody serves the operator now; the run waits for somebody. */
            warnings: string[];
        };
        Run: {
            run_id: string;
            operator_id: string;
            workflow_id: string;
            trigger: string;
            /** @enum {string} */
            status: "queued" | "running" | "waiting" | "completed" | "failed" | "cancelled" | "timed_out" | "dead_lettered";
            input: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @description Every state field given as input or written by a node; empty before the end. */
            output: {
                [key: string]: components["schemas"]["Json"];
            };
            error?: {
                code: string;
                message: string;
                node_id?: string;
            };
            interrupt?: {
                /** @enum {string} */
                kind: "human" | "timer" | "event" | "child" | "retry";
                node_id: string;
                data: {
                    [key: string]: components["schemas"]["Json"];
                };
            };
            /** @description No worker that has met it has a version that fits; it goes on as soon as one with such a version is there. */
            parked?: {
                reason: string;
                /** @description That the run goes by. */
                needs_version: string;
                /** @description Of the worker that met it last. */
                met_version: string;
                /** @description The step that comes next; null behind the last. */
                node_id: string | null;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC.
                 */
                since: string;
            };
            metrics: {
                /** @description From the first claim to the end, waits included. */
                duration_seconds: number;
                tokens_in: number;
                tokens_out: number;
                cache_read_tokens: number;
                cache_write_tokens: number;
                /** @description null as soon as one call's price is unknown. */
                cost_usd: number | null;
                nodes_executed: number;
                nodes_failed: number;
                llm_calls: number;
            };
            parent_run_id?: string;
            rerun_of?: string;
            /** @description Input keys that are no state field. */
            ignored_input: string[];
            attempt: number;
            /** @description Of the operator's definition that the run goes by. */
            version: string;
            tags: components["schemas"]["Tags"];
            /**
             * Format: date-time
             * @description When the run times out wherever it stands.
             */
            deadline?: string;
            /** @constant */
            cancel_requested?: true;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            created_at: string;
            started_at: string | null;
            completed_at: string | null;
        };
        /**
         * @example {
         *       "from_step": "write",
         *       "model": {
         *         "write": "opus"
         *       }
         *     }
         */
        Rerun: {
            /** @description Where to begin, with the state that this step saw the last time; at the first step without it. */
            from_step?: string;
            /** @description State fields, laid over what the run begins with. */
            state?: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @description In place of the old run's input. */
            input?: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @description By step: the model that is asked. */
            model?: {
                [key: string]: string;
            };
            /** @description By step: in place of what the step's own code says. */
            prompt?: {
                [key: string]: {
                    system?: string;
                    user?: string;
                };
            };
        };
        Answer: {
            /** @description Fits the schema in the run's interrupt. */
            answer: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @description Who answers; needed where the step names approvers. */
            by?: string;
        };
        /** @description CloudEvents 1.0, structured. */
        Event: {
            /** @constant */
            specversion: "1.0";
            id: string;
            source: string;
            type: string;
            subject?: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            time: string;
            datacontenttype: string;
            operatorid?: string;
            workflowid?: string;
            runid?: string;
            nodeid?: string;
            /** @description Per run, from 0, without gaps. */
            sequence?: number;
            /** @description Left out where `dataref` says where it is. */
            data?: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @description Address of data above 64 KB of JSON, kept as long as the event. */
            dataref?: string;
        } & {
            [key: string]: unknown;
        };
        EventData: {
            [key: string]: components["schemas"]["Json"];
        };
        History: {
            data: components["schemas"]["StepRecord"][];
            has_more: boolean;
            next_cursor: string | null;
            run_id: string;
            operator_id: string;
            workflow_id: string;
            /** @enum {string} */
            status: "queued" | "running" | "waiting" | "completed" | "failed" | "cancelled" | "timed_out" | "dead_lettered";
            /** @description false: the run has finished steps, and no history was kept of them (OPENVIBE_HISTORY). */
            recorded: boolean;
            /** @description What the patches are laid over, one after the other. */
            input: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @description Of a rerun from a step: the patches are laid over this state instead. */
            began_with?: {
                from_step: string;
                state: {
                    [key: string]: components["schemas"]["Json"];
                };
            };
        };
        StepRecord: {
            node_id: string;
            /** @enum {string} */
            kind: "llm" | "node" | "branch" | "loop" | "wait" | "human" | "graph" | "run" | "each";
            /** @description Of the run: raised by each worker that takes it. */
            attempt: number;
            /** @description How often the step was tried within that attempt. */
            tries: number;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            started_at: string;
            duration_ms: number;
            /** @description The state fields it wrote; empty where it failed. */
            patch: {
                [key: string]: components["schemas"]["Json"];
            };
            /**
             * @description Its `when` did not hold: it was not run.
             * @constant
             */
            skipped?: true;
            /** @description The step after it; null at the end. */
            next: string | null;
            /** @description The model that answered last; absent where none was called, as are the next four. */
            model?: string;
            llm_calls?: number;
            tokens_in?: number;
            tokens_out?: number;
            /** @description US dollars; null when the price of a call is not known. */
            cost_usd?: number | null;
            error?: {
                code: string;
                message: string;
                node_id?: string;
            };
        };
        Schedule: {
            operator_id: string;
            workflow_id: string;
            trigger: string;
            /** @description Five fields: minute, hour, day of the month, month, day of the week. */
            expression: string;
            time_zone: string;
            /**
             * @description What becomes of slots that passed while no scheduler ran.
             * @enum {string}
             */
            catch_up: "last" | "none" | "all";
            paused: boolean;
            paused_at: string | null;
            /** @description The next three; none while it is paused. */
            next_slots: string[];
            /** @description Of the newest slot that has a run. */
            last_run: {
                run_id: string;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC.
                 */
                slot: string;
                /** @description null when the run is not kept any more. */
                status: ("queued" | "running" | "waiting" | "completed" | "failed" | "cancelled" | "timed_out" | "dead_lettered") | null;
            } | null;
        };
        /**
         * @example {
         *       "type": "lead.replied",
         *       "data": {
         *         "lead_id": "lead_1",
         *         "text": "Yes, please."
         *       }
         *     }
         */
        OutsideEvent: {
            /** @example lead.replied */
            type: string;
            /** @description At most 64 KB of JSON. */
            data?: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @description Unique within the source: the same again is the same event. Made up when absent. */
            id?: string;
            /** @description Who publishes it; / when absent. */
            source?: string;
            /**
             * Format: date-time
             * @description When it happened; now when absent.
             */
            time?: string;
        };
        /**
         * @description CloudEvents 1.0, structured. Extensions are passed over, but for traceparent.
         * @example {
         *       "specversion": "1.0",
         *       "id": "inv-7",
         *       "source": "/billing",
         *       "type": "invoice.paid",
         *       "datacontenttype": "application/json",
         *       "data": {
         *         "deal": "d1"
         *       }
         *     }
         */
        CloudEvent: {
            /** @constant */
            specversion: "1.0";
            id: string;
            source: string;
            /** @example lead.replied */
            type: string;
            /** Format: date-time */
            time?: string;
            /** @constant */
            datacontenttype?: "application/json";
            /** @description At most 64 KB of JSON. */
            data?: {
                [key: string]: components["schemas"]["Json"];
            };
        } & {
            [key: string]: unknown;
        };
        PublishedEvents: {
            events: {
                /** @description The event's id in the log, made of its source and id. */
                id: string;
                type: string;
                /** @description It was there already. */
                replayed: boolean;
            }[];
        };
        ContextEntry: {
            bucket: string;
            key: string;
            value: components["schemas"]["Json"];
            revision: number;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            updated_at: string;
        };
        ContextWritten: {
            bucket: string;
            key: string;
            revision: number;
        };
        ContextKey: {
            key: string;
            revision: number;
            /**
             * Format: date-time
             * @description When this revision was written: the entry's updated_at.
             */
            created_at: string;
            /** @description Bytes of the value's JSON. */
            size: number;
        };
        /**
         * @example {
         *       "url": "https://example.com/hooks",
         *       "types": [
         *         "run.completed"
         *       ]
         *     }
         */
        Subscribe: {
            /** @description A public https address, or a host that OPENVIBE_WEBHOOKS_ALLOW lists. */
            url: string;
            /** @description Types (lead.qualified), prefixes (run.*), or * for all. */
            types: string[];
            /** @description Events of these alone; of all without it. */
            operators?: string[] | null;
            /** @description Signs the deliveries; without it one is made. */
            secret?: string;
            /** @description One delivery at a time per run, in the order of its events. */
            ordered?: boolean;
            description?: string;
        };
        SubscriptionWithSecret: {
            subscription_id: string;
            url: string;
            types: string[];
            operators: string[] | null;
            description: string | null;
            ordered: boolean;
            /**
             * @description paused: what it misses waits; disabled: its receiver answered 410.
             * @enum {string}
             */
            status: "enabled" | "paused" | "disabled";
            /** @description Why it is disabled. */
            reason?: string;
            /** @description How many secrets sign: two for a day after they were exchanged. */
            secrets: number;
            /** @description Events of this time are being sent again. */
            replay?: {
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC.
                 */
                from: string;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC.
                 */
                to: string;
            };
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            updated_at: string;
            /** @description Shown here only. */
            secret: string;
        };
        Subscription: {
            subscription_id: string;
            url: string;
            types: string[];
            operators: string[] | null;
            description: string | null;
            ordered: boolean;
            /**
             * @description paused: what it misses waits; disabled: its receiver answered 410.
             * @enum {string}
             */
            status: "enabled" | "paused" | "disabled";
            /** @description Why it is disabled. */
            reason?: string;
            /** @description How many secrets sign: two for a day after they were exchanged. */
            secrets: number;
            /** @description Events of this time are being sent again. */
            replay?: {
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC.
                 */
                from: string;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC.
                 */
                to: string;
            };
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            updated_at: string;
        };
        SubscriptionChange: {
            /** @enum {string} */
            status?: "enabled" | "paused";
            /** @description A public https address, or a host that OPENVIBE_WEBHOOKS_ALLOW lists. */
            url?: string;
            /** @description Types (lead.qualified), prefixes (run.*), or * for all. */
            types?: string[];
            description?: string;
        };
        Delivery: {
            delivery_id: string;
            subscription_id: string;
            /** @description What webhook-id says; the same each time. */
            event_id: string;
            type: string;
            operator_id: string | null;
            run_id: string | null;
            /** @enum {string} */
            status: "pending" | "delivered" | "dead_lettered";
            attempts: number;
            last_status: number | null;
            last_error: string | null;
            next_attempt_at: string | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            created_at: string;
            ended_at: string | null;
        };
        Attempt: {
            delivery_id: string;
            /** @description Counts a delivery's attempts, from 1. */
            attempt: number;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            started_at: string;
            duration_ms: number;
            /** @description null when no answer came. */
            status_code: number | null;
            error: string | null;
            detail: string | null;
            /** @description The beginning of the answer's body. */
            response: string | null;
        };
        Resend: {
            delivery_id: string;
        };
        Replay: {
            /** Format: date-time */
            from: string;
            /**
             * Format: date-time
             * @description Now, without it.
             */
            to?: string;
        };
        /** @description Whatever the source sends; a list is that many deliveries. A form is taken as well. */
        Hook: {
            [key: string]: components["schemas"]["Json"];
        } | {
            [key: string]: components["schemas"]["Json"];
        }[];
        HookChallenge: {
            challenge: string;
        };
        HookRuns: {
            runs: {
                operator_id: string;
                workflow_id: string;
                run_id: string;
                replayed: boolean;
            }[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_liveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        status: "live";
                    };
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_readiness: {
        parameters: {
            query?: {
                /** @description Tells each check. */
                verbose?: true | false | "";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        status: "ready";
                        checks?: {
                            [key: string]: string;
                        };
                    };
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. OV_BUS_UNAVAILABLE: Message bus cannot be reached. OV_STARTING: The server is starting. OV_SHUTTING_DOWN: The server is shutting down. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The text format. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        openapi: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_asyncapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description AsyncAPI 3.1. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        asyncapi: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_operators: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["OperatorSummary"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    register_operator: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OperatorDocument"];
                "application/yaml": string;
            };
        };
        responses: {
            /** @description It was there already, with this content. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operator"];
                };
            };
            /** @description Registered: a new operator, or a new version. */
            201: {
                headers: {
                    /** @description The operator's address. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operator"];
                };
            };
            /** @description OV_BODY_REQUIRED: A JSON body is required. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_FORBIDDEN: The API key may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_OPERATOR_IN_CODE: The operator is defined by code. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_DEFINITION_INVALID: An operator is not defined correctly. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_operator: {
        parameters: {
            query?: {
                /** @description This version of the operator, as a run tells it; the current one without it. Old ones are kept as long as their runs. */
                version?: string;
            };
            header?: never;
            path: {
                /** @example hello */
                operator_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The operator's manifest. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operator"];
                };
            };
            /** @description OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_OPERATOR_NOT_FOUND: Operator not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_operator: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example hello */
                operator_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed: workers drop it within seconds. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_FORBIDDEN: The API key may not do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_OPERATOR_NOT_FOUND: Operator not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_OPERATOR_IN_CODE: The operator is defined by code. OV_OPERATOR_IN_USE: The operator has runs that have not ended. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_operator_graph: {
        parameters: {
            query?: {
                /** @description How it is drawn; decided by the Accept header without it, mermaid by default. */
                format?: "mermaid" | "json" | "text" | "svg";
                /** @description Only this workflow. */
                workflow?: string;
                /** @description This version of the operator, as a run tells it; the current one without it. Old ones are kept as long as their runs. */
                version?: string;
            };
            header?: never;
            path: {
                /** @example hello */
                operator_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Mermaid by default. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Graph"];
                    "text/vnd.mermaid": string;
                    "text/plain": string;
                    "image/svg+xml": string;
                };
            };
            /** @description OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_OPERATOR_NOT_FOUND: Operator not found. OV_WORKFLOW_NOT_FOUND: Workflow not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_NOT_ACCEPTABLE: The answer cannot have the wanted media type. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_operators_schema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description JSON Schema, draft 7. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        $schema: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    activate_operator: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 255 printable ASCII characters, bare or quoted: the same request with the same key gives the same run, for 8 days at least. */
                "Idempotency-Key"?: string;
                /** @description W3C trace context: kept with the run, on its events and in the log lines about it; passed over where it is malformed. */
                traceparent?: string;
                /** @description wait=<seconds> (at most 300) answers when the run ended; respond-async does not wait. */
                Prefer?: string;
            };
            path: {
                /** @example hello */
                operator_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Activation"];
            };
        };
        responses: {
            /** @description Waited for: the run has ended. */
            200: {
                headers: {
                    /** @description The run's address. */
                    Location?: string;
                    /** @description true when the run was there already. */
                    "Idempotency-Replayed"?: string;
                    /** @description Which preferences were heeded. */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedRun"];
                };
            };
            /** @description Accepted: the run will end. */
            202: {
                headers: {
                    /** @description The run's address. */
                    Location?: string;
                    /** @description true when the run was there already. */
                    "Idempotency-Replayed"?: string;
                    /** @description Which preferences were heeded. */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedRun"];
                };
            };
            /** @description OV_BODY_REQUIRED: A JSON body is required. OV_REQUEST_INVALID: The request does not have the expected form. OV_UNKNOWN_FIELD: The request holds an unknown field. OV_IDEMPOTENCY_KEY_INVALID: The Idempotency-Key does not have the allowed form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_OPERATOR_NOT_FOUND: Operator not found. OV_TRIGGER_NOT_FOUND: Trigger not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_INPUT_INVALID: The input does not fit the workflow's state. OV_DEADLINE_PAST: The deadline is over. OV_PRIORITY_UNKNOWN: The priority is not one there is. OV_IDEMPOTENCY_MISMATCH: The Idempotency-Key was used with another request. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BACKLOG_FULL: The operator has too many queued runs. OV_RATE_LIMITED: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_runs: {
        parameters: {
            query?: {
                /** @description Only runs of this operator. */
                operator?: string;
                /** @description Only runs of this workflow. */
                workflow?: string;
                /** @description Only runs with this status; repeat it for one of several. */
                status?: ("queued" | "running" | "waiting" | "completed" | "failed" | "cancelled" | "timed_out" | "dead_lettered")[];
                /** @description Only runs with this trigger. */
                trigger?: string;
                /** @description Only runs that this run began. */
                parent?: string;
                /** @description Only runs with this tag, as name:text; repeat it (at most 8 times) for runs that have all of them. */
                tag?: string[];
                /** @description Only runs accepted at this time (RFC 3339) or later. */
                created_after?: string;
                /** @description Only runs accepted before this time (RFC 3339). */
                created_before?: string;
                /** @description How many on a page; more than 200 is taken as 200. */
                limit?: number;
                /** @description The next_cursor of the page before; the other parameters stay the same, but for limit. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Run"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
            /** @description OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_operator_runs: {
        parameters: {
            query?: {
                /** @description Only runs of this workflow. */
                workflow?: string;
                /** @description Only runs with this status; repeat it for one of several. */
                status?: ("queued" | "running" | "waiting" | "completed" | "failed" | "cancelled" | "timed_out" | "dead_lettered")[];
                /** @description Only runs with this trigger. */
                trigger?: string;
                /** @description Only runs that this run began. */
                parent?: string;
                /** @description Only runs with this tag, as name:text; repeat it (at most 8 times) for runs that have all of them. */
                tag?: string[];
                /** @description Only runs accepted at this time (RFC 3339) or later. */
                created_after?: string;
                /** @description Only runs accepted before this time (RFC 3339). */
                created_before?: string;
                /** @description How many on a page; more than 200 is taken as 200. */
                limit?: number;
                /** @description The next_cursor of the page before; the other parameters stay the same, but for limit. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @example hello */
                operator_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Run"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
            /** @description OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_OPERATOR_NOT_FOUND: Operator not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_dead_letters: {
        parameters: {
            query?: {
                /** @description Only runs of this operator. */
                operator?: string;
                /** @description Only runs accepted at this time (RFC 3339) or later. */
                created_after?: string;
                /** @description Only runs accepted before this time (RFC 3339). */
                created_before?: string;
                /** @description How many on a page; more than 200 is taken as 200. */
                limit?: number;
                /** @description The next_cursor of the page before; the other parameters stay the same, but for limit. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Run"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
            /** @description OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_run: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 when the run is still as it was then. */
                "If-None-Match"?: string;
            };
            path: {
                /** @example hello */
                operator_id: string;
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run. */
            200: {
                headers: {
                    /** @description Weak: changes with everything that is shown of the run. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description It is still as the caller knows it. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_FOUND: Run not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancel_run: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example hello */
                operator_id: string;
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is cancelled. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description It is running, and will be cancelled at the end of its step. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_FOUND: Run not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_FINAL: The run has already ended. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_run_by_id: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 when the run is still as it was then. */
                "If-None-Match"?: string;
            };
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run. */
            200: {
                headers: {
                    /** @description Weak: changes with everything that is shown of the run. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description It is still as the caller knows it. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_FOUND: Run not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancel_run_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is cancelled. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description It is running, and will be cancelled at the end of its step. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_FOUND: Run not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_FINAL: The run has already ended. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    redrive_run: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 255 printable ASCII characters, bare or quoted: the same request with the same key gives the same run, for 8 days at least. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example hello */
                operator_id: string;
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted: the new run will end. */
            202: {
                headers: {
                    /** @description The run's address. */
                    Location?: string;
                    /** @description true when the run was there already. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedRun"];
                };
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. OV_REQUEST_INVALID: The request does not have the expected form. OV_IDEMPOTENCY_KEY_INVALID: The Idempotency-Key does not have the allowed form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_FOUND: Run not found. OV_OPERATOR_NOT_FOUND: Operator not found. OV_TRIGGER_NOT_FOUND: Trigger not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_REDRIVABLE: The run cannot be redriven. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_INPUT_INVALID: The input does not fit the workflow's state. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    redrive_run_by_id: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 255 printable ASCII characters, bare or quoted: the same request with the same key gives the same run, for 8 days at least. */
                "Idempotency-Key"?: string;
            };
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted: the new run will end. */
            202: {
                headers: {
                    /** @description The run's address. */
                    Location?: string;
                    /** @description true when the run was there already. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedRun"];
                };
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. OV_REQUEST_INVALID: The request does not have the expected form. OV_IDEMPOTENCY_KEY_INVALID: The Idempotency-Key does not have the allowed form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_FOUND: Run not found. OV_OPERATOR_NOT_FOUND: Operator not found. OV_TRIGGER_NOT_FOUND: Trigger not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_REDRIVABLE: The run cannot be redriven. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_INPUT_INVALID: The input does not fit the workflow's state. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rerun_run: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 255 printable ASCII characters, bare or quoted: the same request with the same key gives the same run, for 8 days at least. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example hello */
                operator_id: string;
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Rerun"];
            };
        };
        responses: {
            /** @description Accepted: the new run will end. */
            202: {
                headers: {
                    /** @description The run's address. */
                    Location?: string;
                    /** @description true when the run was there already. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedRun"];
                };
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. OV_REQUEST_INVALID: The request does not have the expected form. OV_UNKNOWN_FIELD: The request holds an unknown field. OV_IDEMPOTENCY_KEY_INVALID: The Idempotency-Key does not have the allowed form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_FOUND: Run not found. OV_OPERATOR_NOT_FOUND: Operator not found. OV_TRIGGER_NOT_FOUND: Trigger not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_RERUNNABLE: The run cannot be run again so. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_IDEMPOTENCY_MISMATCH: The Idempotency-Key was used with another request. OV_RERUN_INVALID: The changes do not fit the run or its workflow. OV_INPUT_INVALID: The input does not fit the workflow's state. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BACKLOG_FULL: The operator has too many queued runs. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rerun_run_by_id: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 255 printable ASCII characters, bare or quoted: the same request with the same key gives the same run, for 8 days at least. */
                "Idempotency-Key"?: string;
            };
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Rerun"];
            };
        };
        responses: {
            /** @description Accepted: the new run will end. */
            202: {
                headers: {
                    /** @description The run's address. */
                    Location?: string;
                    /** @description true when the run was there already. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedRun"];
                };
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. OV_REQUEST_INVALID: The request does not have the expected form. OV_UNKNOWN_FIELD: The request holds an unknown field. OV_IDEMPOTENCY_KEY_INVALID: The Idempotency-Key does not have the allowed form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_FOUND: Run not found. OV_OPERATOR_NOT_FOUND: Operator not found. OV_TRIGGER_NOT_FOUND: Trigger not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_RERUNNABLE: The run cannot be run again so. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_IDEMPOTENCY_MISMATCH: The Idempotency-Key was used with another request. OV_RERUN_INVALID: The changes do not fit the run or its workflow. OV_INPUT_INVALID: The input does not fit the workflow's state. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BACKLOG_FULL: The operator has too many queued runs. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resume_run: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example hello */
                operator_id: string;
                run_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Answer"];
            };
        };
        responses: {
            /** @description The answer counts; the run goes on. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description OV_BODY_REQUIRED: A JSON body is required. OV_REQUEST_INVALID: The request does not have the expected form. OV_UNKNOWN_FIELD: The request holds an unknown field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_FOUND: Run not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_WAITING: The run is not waiting. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_ANSWER_INVALID: The answer is not what was asked for. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_run_events: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example hello */
                operator_id: string;
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Event"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
            /** @description OV_RUN_NOT_FOUND: Run not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BUS_UNAVAILABLE: Message bus cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_event_data: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example hello */
                operator_id: string;
                run_id: string;
                /** @description Of the event: its place in the run. */
                sequence: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The data. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventData"];
                };
            };
            /** @description OV_EVENT_NOT_FOUND: Event not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BUS_UNAVAILABLE: Message bus cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_run_history: {
        parameters: {
            query?: {
                /** @description Commits per page: each ended one step, or a few that share it. */
                limit?: number;
                /** @description The next_cursor of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @example hello */
                operator_id: string;
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the steps that have ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            /** @description OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_FOUND: Run not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_schedules: {
        parameters: {
            query?: {
                /** @description Only schedules of this operator. */
                operator?: string;
                /** @description How many on a page; more than 200 is taken as 200. */
                limit?: number;
                /** @description The next_cursor of the page before; the other parameters stay the same, but for limit. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Schedule"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
            /** @description OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pause_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example hello */
                operator_id: string;
                trigger: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. OV_REQUEST_INVALID: The request does not have the expected form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_OPERATOR_NOT_FOUND: Operator not found. OV_TRIGGER_NOT_FOUND: Trigger not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resume_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example hello */
                operator_id: string;
                trigger: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. OV_REQUEST_INVALID: The request does not have the expected form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_OPERATOR_NOT_FOUND: Operator not found. OV_TRIGGER_NOT_FOUND: Trigger not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    run_schedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 255 printable ASCII characters, bare or quoted: the same request with the same key gives the same run, for 8 days at least. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example hello */
                operator_id: string;
                trigger: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted: the run will end. */
            202: {
                headers: {
                    /** @description The run's address. */
                    Location?: string;
                    /** @description true when the run was there already. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedRun"];
                };
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. OV_REQUEST_INVALID: The request does not have the expected form. OV_IDEMPOTENCY_KEY_INVALID: The Idempotency-Key does not have the allowed form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_OPERATOR_NOT_FOUND: Operator not found. OV_TRIGGER_NOT_FOUND: Trigger not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_IDEMPOTENCY_MISMATCH: The Idempotency-Key was used with another request. OV_INPUT_INVALID: The input does not fit the workflow's state. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BACKLOG_FULL: The operator has too many queued runs. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    publish_events: {
        parameters: {
            query?: never;
            header?: {
                /** @description W3C trace context, for events that carry none of their own; passed over where it is malformed. */
                traceparent?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OutsideEvent"];
                "application/cloudevents+json": components["schemas"]["CloudEvent"];
                "application/cloudevents-batch+json": components["schemas"]["CloudEvent"][];
            };
        };
        responses: {
            /** @description All of them are stored. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishedEvents"];
                };
            };
            /** @description OV_BODY_REQUIRED: A JSON body is required. OV_REQUEST_INVALID: The request does not have the expected form. OV_UNKNOWN_FIELD: The request holds an unknown field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BODY_TOO_LARGE: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_EVENT_TYPE_INVALID: An event type is not allowed. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. OV_BUS_UNAVAILABLE: Message bus cannot be reached. OV_BUS_FULL: Message bus takes no more messages. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_context: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 when the entry is still that one. */
                "If-None-Match"?: string;
            };
            path: {
                /**
                 * @description The bucket's full name, such as context-leads.
                 * @example context-notes
                 */
                bucket: string;
                /**
                 * @description Up to 256 of A-Z, a-z, 0-9, _, = and -, with single dots between.
                 * @example hello
                 */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entry. */
            200: {
                headers: {
                    /** @description Its revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContextEntry"];
                };
            };
            /** @description It is still the one that the caller has. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_KEY_NOT_FOUND: Context key not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BUS_UNAVAILABLE: Message bus cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_context: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag, or *: write only over that entry. */
                "If-Match"?: string;
                /** @description *: write only where there is none. Not beside If-Match. */
                "If-None-Match"?: "*";
            };
            path: {
                /**
                 * @description The bucket's full name, such as context-leads.
                 * @example context-notes
                 */
                bucket: string;
                /**
                 * @description Up to 256 of A-Z, a-z, 0-9, _, = and -, with single dots between.
                 * @example hello
                 */
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Json"];
            };
        };
        responses: {
            /** @description Written. */
            200: {
                headers: {
                    /** @description The new revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContextWritten"];
                };
            };
            /** @description Written, where there was none (If-None-Match: *). */
            201: {
                headers: {
                    /** @description The new revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContextWritten"];
                };
            };
            /** @description OV_BODY_REQUIRED: A JSON body is required. OV_ID_INVALID: An id does not have the allowed form. OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_REVISION_CONFLICT: The entry was changed by somebody else. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BODY_TOO_LARGE: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BUS_UNAVAILABLE: Message bus cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_context: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag, or *: delete only that entry. */
                "If-Match"?: string;
            };
            path: {
                /**
                 * @description The bucket's full name, such as context-leads.
                 * @example context-notes
                 */
                bucket: string;
                /**
                 * @description Up to 256 of A-Z, a-z, 0-9, _, = and -, with single dots between.
                 * @example hello
                 */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_KEY_NOT_FOUND: Context key not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_REVISION_CONFLICT: The entry was changed by somebody else. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BUS_UNAVAILABLE: Message bus cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_context: {
        parameters: {
            query?: {
                /** @description Only keys that begin with this. */
                prefix?: string;
                /** @description How many on a page; more than 200 is taken as 200. */
                limit?: number;
                /** @description The next_cursor of the page before; the other parameters stay the same, but for limit. */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The bucket's full name, such as context-leads.
                 * @example context-notes
                 */
                bucket: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ContextKey"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BUS_UNAVAILABLE: Message bus cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    subscribe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Subscribe"];
            };
        };
        responses: {
            /** @description Subscribed. The secret is shown here only. */
            201: {
                headers: {
                    /** @description Its address. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubscriptionWithSecret"];
                };
            };
            /** @description OV_BODY_REQUIRED: A JSON body is required. OV_REQUEST_INVALID: The request does not have the expected form. OV_UNKNOWN_FIELD: The request holds an unknown field. OV_URL_NOT_ALLOWED: The address may not be called. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_TOO_MANY_SUBSCRIPTIONS: There are as many subscriptions as there may be. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BUS_UNAVAILABLE: Message bus cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_subscriptions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page, oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Subscription"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_subscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscription_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Without its secret. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            /** @description OV_SUBSCRIPTION_NOT_FOUND: Subscription not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_subscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscription_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Nothing more is sent. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description OV_SUBSCRIPTION_NOT_FOUND: Subscription not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_subscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscription_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubscriptionChange"];
            };
        };
        responses: {
            /** @description As it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            /** @description OV_BODY_REQUIRED: A JSON body is required. OV_REQUEST_INVALID: The request does not have the expected form. OV_UNKNOWN_FIELD: The request holds an unknown field. OV_URL_NOT_ALLOWED: The address may not be called. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_SUBSCRIPTION_NOT_FOUND: Subscription not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotate_secret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscription_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new secret, shown here only. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubscriptionWithSecret"];
                };
            };
            /** @description OV_REQUEST_INVALID: The request does not have the expected form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_SUBSCRIPTION_NOT_FOUND: Subscription not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_deliveries: {
        parameters: {
            query?: {
                /** @description Only deliveries with this status. */
                status?: "pending" | "delivered" | "dead_lettered";
                /** @description How many on a page; more than 200 is taken as 200. */
                limit?: number;
                /** @description The next_cursor of the page before; the other parameters stay the same, but for limit. */
                cursor?: string;
            };
            header?: never;
            path: {
                subscription_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Delivery"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
            /** @description OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_SUBSCRIPTION_NOT_FOUND: Subscription not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_attempts: {
        parameters: {
            query?: {
                /** @description Only attempts of this delivery. */
                delivery_id?: string;
                /** @description How many on a page; more than 200 is taken as 200. */
                limit?: number;
                /** @description The next_cursor of the page before; the other parameters stay the same, but for limit. */
                cursor?: string;
            };
            header?: never;
            path: {
                subscription_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Attempt"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
            /** @description OV_PARAMETER_INVALID: A parameter is not allowed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_SUBSCRIPTION_NOT_FOUND: Subscription not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    test_subscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscription_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It will be sent; the attempts tell how it went. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            /** @description OV_REQUEST_INVALID: The request does not have the expected form. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_SUBSCRIPTION_NOT_FOUND: Subscription not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_SUBSCRIPTION_DISABLED: The subscription is disabled. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resend_delivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscription_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Resend"];
            };
        };
        responses: {
            /** @description It is due now, and its pauses begin anew. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            /** @description OV_BODY_REQUIRED: A JSON body is required. OV_REQUEST_INVALID: The request does not have the expected form. OV_UNKNOWN_FIELD: The request holds an unknown field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_SUBSCRIPTION_NOT_FOUND: Subscription not found. OV_DELIVERY_NOT_FOUND: Delivery not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replay_events: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscription_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Replay"];
            };
        };
        responses: {
            /** @description Begun: replay is shown until all are due. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            /** @description OV_BODY_REQUIRED: A JSON body is required. OV_REQUEST_INVALID: The request does not have the expected form. OV_UNKNOWN_FIELD: The request holds an unknown field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_SUBSCRIPTION_NOT_FOUND: Subscription not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    receive_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Who sends it.
                 * @example github
                 */
                source: string;
                /**
                 * @description What is sent.
                 * @example push
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Hook"];
            };
        };
        responses: {
            /** @description Slack's challenge, given back. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HookChallenge"];
                };
            };
            /** @description Accepted: these runs will end. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HookRuns"];
                };
            };
            /** @description OV_ID_INVALID: An id does not have the allowed form. OV_BODY_REQUIRED: A JSON body is required. OV_REQUEST_INVALID: The request does not have the expected form. OV_JSON_INVALID: The text is not valid JSON. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_SIGNATURE_INVALID: The webhook is not signed as expected. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_HOOK_NOT_OPEN: Webhooks of this source are not taken. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_HOOK_NOT_FOUND: No workflow listens to this webhook. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_MEDIA_TYPE_UNSUPPORTED: The media type is not supported. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_INPUT_INVALID: The input does not fit the workflow's state. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_BACKLOG_FULL: The operator has too many queued runs. OV_RATE_LIMITED: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_STORE_UNAVAILABLE: Store cannot be reached. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stream_events: {
        parameters: {
            query?: {
                /** @description Only these types; repeat it for several. Exact (`lead.qualified`), all that begin with a word (`run.*`), or `*`. */
                types?: string[];
                /** @description Only events of this operator. */
                operator?: string;
                /** @description Only events of this run. */
                run_id?: string;
                /** @description Only changes of shared context in this bucket, by its full name (`context-leads`). */
                bucket?: string;
                /** @description Where to go on: the id of the last event seen. The header Last-Event-ID, which a reconnecting client sends, goes before it. */
                last_event_id?: string;
            };
            header?: {
                /** @description Where to go on: the id of the last event seen. Empty is the same as none. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": {
                        /** @description Where to go on: an opaque cursor. Events that are told live only have none. */
                        id?: string;
                        /** @description The type. */
                        event?: string;
                        data?: string;
                        /** @description Milliseconds to wait before a reconnect. */
                        retry?: number;
                    };
                };
            };
            /** @description OV_EVENT_ID_INVALID: The Last-Event-ID is not in the form of a stream's ids. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_OPERATOR_NOT_FOUND: Operator not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_NOT_ACCEPTABLE: The answer cannot have the wanted media type. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_TOO_MANY_STREAMS: Too many open streams. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stream_run: {
        parameters: {
            query?: {
                /** @description Where to go on: the id of the last event seen. The header Last-Event-ID, which a reconnecting client sends, goes before it. */
                last_event_id?: string;
            };
            header?: {
                /** @description Where to go on: the id of the last event seen. Empty is the same as none. */
                "Last-Event-ID"?: string;
            };
            path: {
                /** @example hello */
                operator_id: string;
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": {
                        /** @description Where to go on: an opaque cursor. Events that are told live only have none. */
                        id?: string;
                        /** @description The type. */
                        event?: string;
                        data?: string;
                        /** @description Milliseconds to wait before a reconnect. */
                        retry?: number;
                    };
                };
            };
            /** @description The run has ended and the client has seen its last event: it need not come back. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description OV_EVENT_ID_INVALID: The Last-Event-ID is not in the form of a stream's ids. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_RUN_NOT_FOUND: Run not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_NOT_ACCEPTABLE: The answer cannot have the wanted media type. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description OV_TOO_MANY_STREAMS: Too many open streams. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Any other problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
