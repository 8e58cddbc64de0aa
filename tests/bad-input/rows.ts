/**
 * What comes in wrong, and the test that shows what is answered: a row for each kind of bad input that the product has to expect. The numbers are
 * fixed; `bad-input.test.ts` keeps the table whole, and the reporter counts its rows from what the tests came to. Longer than most: one table.
 */
import { FILES as F } from "./test-files.ts";

/** A test's file, and the words that its name holds: of a table's row those of the row, with `%s` and the like as they stand in the source. */
export type ShownBy = readonly [file: string, ...names: readonly [string, ...string[]]];

export interface ShownRow {
  readonly n: number;
  readonly what: string;
  readonly shownBy: readonly ShownBy[];
}

/** What does not exist yet. */
export interface OpenRow {
  readonly n: number;
  readonly what: string;
  readonly notYet: string;
}

const row = (n: number, what: string, ...shownBy: readonly ShownBy[]): ShownRow => ({ n, what, shownBy });
const open = (n: number, what: string, notYet: string): OpenRow => ({ n, what, notYet });

export const ROWS: readonly (ShownRow | OpenRow)[] = [
  // HTTP
  row(1, "an empty body", [F.gateway, "1: empty"], [F.waits, "25: nothing at all"]),
  row(2, "null, a list, a text, a number as the body", [F.gateway, "2: null", "2: a list", "2: a text", "2: a number"]),
  row(3, "JSON that is cut off", [F.gateway, "3: cut"], [F.waits, "25: cut off"]),
  row(4, "a key twice", [F.gateway, "4: a key twice", "4: a key twice, spelled differently"], [F.waits, "25: a key twice"]),
  row(5, "NaN, Infinity, comments, single quotes", [F.gateway, "5: NaN", "5: Infinity", "5: a comment", "5: single quotes"]),
  row(
    6,
    "65 levels, 100,000 brackets",
    [F.gateway, "6: 65 objects deep", "6: 65 lists deep", "6: 100,000 lists"],
    [F.waits, "25: 65 levels"],
  ),
  row(7, "1 MiB and a byte", [F.gateway, "7: 1 MiB and a byte"], [F.waits, "25: above 1 MiB"]),
  row(8, "bytes that are no UTF-8", [F.gateway, "8: no UTF-8"]),
  row(9, "a number for a text", [F.gateway, "9: a number for the trigger"], [F.waits, "25: by a number"]),
  row(10, "null for a text", [F.gateway, "10: null for the trigger"], [F.waits, "25: an answer that is null"]),
  row(11, "an unknown field", [F.gateway, "11: an unknown field"], [F.waits, "25: a misspelt field"]),
  row(12, "an unknown trigger", [F.gateway, "12: an unknown trigger"]),
  row(13, "an unknown operator", [F.gateway, "13: an unknown operator"]),
  row(14, "an input of the wrong type", [F.gateway, "14: a wrong type in the input"]),
  row(15, "another media type, or none", [F.gateway, "15: %s"], [F.waits, "25: as anything but JSON is refused"]),
  row(16, "a media type that is spelled oddly", [F.gateway, "16: %j"]),
  row(17, "a compressed body", [F.gateway, "17: Content-Encoding %s"]),
  row(18, "__proto__ and constructor.prototype", [F.gateway, "18: __proto__", "18: constructor.prototype"], [F.waits, "25: __proto__"]),
  row(19, "LangChain's mark", [F.gateway, "19: LangChain's mark"], [F.waits, "25: LangChain's mark"]),
  row(20, "a lone surrogate, NUL, U+2028", [F.gateway, "20: a lone surrogate, NUL and U+2028 come back as they came"]),
  row(21, "an id in the address that is none", [F.gateway, "21: ../../etc", "21: NUL", "21: CR LF"], [F.waits, "21: one whose id is none"]),
  row(22, "a percent-encoding that is none", [F.gateway, "22: a bad percent"]),
  row(
    23,
    "an answer to a run that waits for none",
    [F.waits, "23: one that has completed, failed, or been cancelled", "23: one that waits for time", "23: one that is not there"],
    [F.waits, "23: another operator's run is not there"],
    [F.e2eWaits, "a question carries its prompt, schema and deadline"],
  ),
  row(
    24,
    "several answers at once",
    [F.e2eWaits, "of many answers at once one counts, and the rest hear so"],
    [F.waits, "24: of two approvers at once"],
    [F.executionWaits, "of twenty answers at once one counts"],
  ),
  row(25, "an answer that was not asked for", [
    F.waits,
    "25: a text for true",
    "25: a field too few",
    "25: a field too many",
    "25: by nobody",
  ]),
  row(26, "cancelling a run that has ended", [F.gateway, "26: cancelling a run that has ended tells it"]),
  row(27, "an Idempotency-Key that is none", [F.gateway, "27: 300 characters", "27: a control character", "27: empty"]),
  row(28, "an Idempotency-Key used with another body", [F.gateway, "28: used with another body"]),
  row(29, "a limit, a cursor, a filter that is none", [F.gateway, "29: limit -1", "29: limit abc", "29: a cursor of another list"]),
  row(30, "a context write over a stale revision", [
    F.context,
    "with If-Match writes over that entry only, and else tells the current one",
  ]),
  row(31, "a context value or key that is too large", [F.context, "a value above 256 KB"]),
  row(32, "a method that is not there", [F.gateway, "32: TRACE", "32: an unknown method", "32: POST on a GET route"]),
  row(33, "what is no HTTP request", [F.gateway, "33: two Content-Length", "33: LF only", "33: a folded header", "33: no Host"]),
  row(34, "a body at a byte at a time", [F.gateway, "34: a body at a byte at a time ends in time, and others are served meanwhile"]),
  row(35, "registering an operator whose id exists", [
    F.postedOperators,
    "an operator that code defines",
    "makes another version of other content",
  ]),
  row(36, "deleting an operator with running runs", [F.postedOperators, "36: with runs that have not ended is 409"]),
  row(37, "X-Forwarded-* from anybody", [F.http, "is believed only where it is trusted (%s)"]),
  row(
    38,
    "no key, a wrong key, a run of others",
    [F.http, "a caller without a valid one is refused everywhere, with the same answer"],
    [F.keys, "finds no run of another at the address that names no operator, and changes none"],
  ),
  // Streams
  row(39, "a Last-Event-ID that is none", [
    F.streamRoutes,
    "garbage as Last-Event-ID",
    "a negative Last-Event-ID",
    "1e30 as Last-Event-ID",
  ]),
  row(40, "a Last-Event-ID older than the log", [F.streamResume, "says stream.gap, with the oldest cursor"]),
  row(41, "a Last-Event-ID of the future or of another log", [F.streamResume, "says stream.reset to cursors of another epoch"]),
  row(42, "a stream as application/json", [F.streamRoutes, "application/json as Accept"]),
  row(
    43,
    "a filter that is none",
    [F.streamRoutes, "43: a type that is misspelt", "43: an operator that there is not", "a wrong type", "a wrong operator"],
    [F.filters, "%j is refused by name"],
  ),
  row(44, "a stream too many", [F.streamRoutes, "is refused when the server, or a key, has as many streams as it may"]),
  row(
    45,
    "line breaks in an event's type or id",
    [F.stream, "cannot be made to carry an injected event"],
    [F.messages, "with line breaks in its type"],
  ),
  row(46, "a client that stops reading", [F.stream, "drops a client that stops reading, with the reason"]),
  // Webhooks
  row(
    47,
    "an address that is no public http(s) one",
    [F.targets, "47: may not be %s"],
    [F.subscriptions, "47: http", "47: a file", "47: a user and password"],
  ),
  row(
    48,
    "a loopback address in disguise",
    [F.targets, "48: may not be https://%s/, nor by http", "48: may not be %s"],
    [F.subscriptions, "48: loopback", "48: metadata"],
    [F.posts, "48: an address for which no resolver is asked"],
  ),
  row(
    49,
    "a name that resolves to a private address",
    [F.posts, "49: a public name that resolves to a private address", "49: a name that changes its mind"],
    [F.webhooks, "49: whose name leads to a private address"],
  ),
  row(50, "a redirect to a private address", [F.posts, "50: a redirect is an answer"], [F.webhooks, "50: that redirects"]),
  row(
    51,
    "a receiver that is not there, hangs or resets",
    [F.posts, "51: a name that is not there", "51: a certificate that nobody vouches for", "51: a receiver that hangs"],
    [F.webhooks, "51: that is not there"],
  ),
  row(52, "a receiver that answers with gigabytes", [F.posts, "52: of a receiver that answers without end", "52: of one that stops"]),
  row(53, "410", [F.judgement, "53: with 410"], [F.webhooks, "53: that answers 410"]),
  row(54, "429 with Retry-After", [F.judgement, "54: with 429 and Retry-After: %s"]),
  row(55, "an event pattern that is none", [
    F.subscriptions,
    "55: a misspelt type",
    "55: a wildcard of NATS",
    "55, 56: what is refused tells",
  ]),
  row(56, "a secret that is too short", [F.subscriptions, "56: a secret of 8 bytes", "56: a secret without its form"]),
  // YAML: operators, and the configuration
  row(
    57,
    "a tab, a quote that is not closed",
    [F.badYaml, "57: a tab for an indent", "57: a quote that is not closed"],
    [F.files, "57: a tab for an indent", "57: a quote that is not closed"],
  ),
  row(
    58,
    "a key twice; two nodes or workflows of one id",
    [F.badYaml, "58: a key twice", "58: two nodes of one id", "58: two workflows of one id", "58: two operators of one id"],
    [F.files, "58: a key twice"],
    [F.loadChecks, "two workflows of one id"],
  ),
  row(
    59,
    "a misspelt key",
    [F.badYaml, "59: promt_file", "59: a misspelt key of a workflow", "59: a misspelt field of a declared state"],
    [F.files, "59: a misspelt key"],
    [F.loadChecks, "a misspelt workflow option"],
  ),
  row(60, "a prompt file that is not there", [F.loadYaml, "60: that is not there"], [F.badYaml, "60: a file where there are none"]),
  row(61, "a path out of the file's folder (a secret's path is free, as Docker and Kubernetes need it)", [
    F.loadYaml,
    "61: two folders up",
    "61: an absolute path",
    "61: a URL",
    "61: a link that leads out",
    "61: a folder's link that leads out",
  ]),
  row(
    62,
    "a file that is a folder, a pipe, a socket, binary, huge",
    [F.loadYaml, "62: a folder", "62: a pipe", "62: a socket is refused", "62: 10 MB", "62: binary", "62: not UTF-8"],
    [F.files, "62: not UTF-8", "62: binary", "62: 10 MB", "113: that is a socket, or a folder"],
  ),
  row(
    63,
    "an alias bomb, an alias of itself",
    [F.badYaml, "63: an alias bomb", "63: an alias of itself", "63: 100,000 lists"],
    [F.files, "63: an alias of itself", "63: 100,000 lists"],
    [F.configFile, "a: &a [x, x, x]"],
  ),
  row(
    64,
    "a tag of another language",
    [F.badYaml, "64: a tag of another language", "64: a tag of Python"],
    [F.files, "64: a tag of another language"],
    [F.configFile, "port: !!js/function 1"],
  ),
  row(
    65,
    "a number, a date or false for a text",
    [F.badYaml, "65: a number for an id", "65: a fraction for an id", "65: no for an id", "65: a date for an id", "65: true for a text"],
    [F.files, "65: a number for a name", "65: a fraction for a name", "65: false for a list's text"],
  ),
  row(66, "the key __proto__", [F.badYaml, "66: __proto__"], [F.files, "66: __proto__"]),
  row(
    67,
    "a way to nowhere, a branch without ways",
    [
      F.badYaml,
      "67: no routes",
      "67: a way to a node that is not there",
      "67: a way and nodes",
      "67: a route whose way is no list",
      "67: nothing that picks",
    ],
    [F.executionWaits, "nowhere"],
    [F.loadChecks, "a branch without routes"],
  ),
  row(
    68,
    "a step without its code",
    [F.badYaml, "68: a logic node without its handler"],
    [F.loadChecks, "a node without code", "a branch without code"],
  ),
  row(
    69,
    "a cron trigger that is none, or never comes",
    [F.badYaml, "69: a minute of 61", "69: four fields", "69: a time zone that is none"],
    [F.triggers, "cron:0 7 * *", "cron:0 7 * * 1 Mars/Base", "cron:0 7 * * $", "cron:61 * * * *", "cron:0 0 31 2 *"],
  ),
  row(
    70,
    "a time that is none",
    [F.badYaml, "70: 3 dayz", "70: -1", "70: 0", "70: 1e12", "70: thirty days"],
    [F.duration, "%s is refused; the message says where, what and what is allowed"],
    [F.compileWaits, "3 weeks"],
  ),
  row(
    71,
    "a model that is none",
    [F.badYaml, "71: a model that is none"],
    [F.anthropic, "404 for the model"],
    [F.executionLlm, "OV_MODEL_UNKNOWN"],
  ),
  row(
    72,
    "two documents, a list, an empty file, BOM and CRLF",
    [
      F.badYaml,
      "72: two documents",
      "72: an empty file",
      "72: a list at the top",
      "72: a byte order mark",
      "72: lines that end as on Windows",
    ],
    [F.files, "72: two documents", "72: a list"],
    [F.configFile, "an empty file says nothing"],
  ),
  row(73, "a placeholder for a variable that is not set", [F.badYaml, "73: a variable that is not set", "73: a misspelt variable"]),
  // What authors write
  row(
    74,
    "a workflow without steps, an operator without workflows",
    [F.loadChecks, "a workflow without steps", "no workflows"],
    [F.decoratorFaults, "74: a workflow without steps", "74: an operator without workflows"],
  ),
  row(
    75,
    "a decorator in the wrong place (a conditional may be first, last, or behind another)",
    [
      F.decoratorFaults,
      "75: a step on a method of the operator itself",
      "75: steps in a class without @workflow",
      "75: two steps on one method",
    ],
    [F.decorators, "whose routes and timeouts have arms"],
  ),
  row(
    76,
    "no route matches",
    [F.failures, "an unknown route", "a word of every object"],
    [F.models, "a word of the model's that is no route fails the run"],
    [F.decorators, "when no route holds, the run fails with the values that were looked at"],
  ),
  row(77, "two routes match (the first wins, as the documentation says)", [F.decorators, "the first that holds wins"]),
  row(
    78,
    "a step that returns what is no JSON",
    [F.failures, "a Date", "a Map", "NaN", "a bigint", "a cycle"],
    [F.stateValues, "refuses %s with the path"],
  ),
  row(79, "a step that returns an unknown field", [F.stateValues, "names an unknown field and the field that was probably meant"]),
  row(
    80,
    "output beside outputs, or neither",
    [F.loadChecks, "two ways out", "no way out of an llm"],
    [F.decoratorFaults, "80: outputKey and outputKeys", "80: neither outputKey nor outputKeys"],
  ),
  row(81, "a step's name that is none, or odd", [F.code, "may not be called %j", "and its workflow may be called %s"]),
  row(82, "throwing a text, null, undefined", [F.failures, "a text", "null", "undefined"]),
  row(83, "a promise that never settles", [F.timeouts, "fails the run when the node's promise never settles"]),
  row(84, "a promise that is left behind and fails", [F.code, "84: a promise that a node left behind and that fails"]),
  row(
    85,
    "the compiler's flag for legacy decorators",
    [F.decoratorTools, "85: with experimentalDecorators in the tsconfig"],
    [F.decoratorFaults, "85: decorators that a compiler emits in the form before the standard"],
  ),
  row(86, "a minified build", [F.decoratorTools, "86: minified", "86: minified, with the names of classes kept"]),
  row(87, "an operator twice", [F.loadOperators, "two files with one id"], [F.serve, "an operator named twice"]),
  // NATS
  row(88, "a wake-up that is no JSON, empty, or 900 KiB", [F.messages, "bytes that are no text", "900 KiB that are no JSON"]),
  row(89, "a wake-up of another version", [F.messages, "a token too many", "an unknown kind"]),
  row(90, "a wake-up for an operator that nobody serves", [F.messages, "for an operator that nobody serves stays where it is"]),
  row(91, "a message above what the broker takes", [
    F.messages,
    "a body above 1 MiB is refused by the gateway before anything is published",
  ]),
  row(92, "a forged end of a run", [F.messages, "that ends a run: the log keeps it and streams tell it, the run goes on"]),
  row(93, "a stream with another configuration", [F.messages, "a stream of ours with another configuration: every field that differs"]),
  row(94, "a broker without JetStream, room, the password", [F.messages, "no JetStream", "no room for the streams", "a wrong password"]),
  row(
    95,
    "a reply subject or a header of a stranger",
    [F.messages, "what a stranger names as the place for a reply"],
    [F.answers, "of a stranger under an id %s is refused, and makes no run"],
  ),
  // Models
  row(96, "JSON in a fence, with prose around it", [F.models, "in a fence", "prose before it", "prose after its fence"]),
  row(97, "single quotes, comments, JSON that is cut off", [F.models, "single quotes", "a comment", "cut off"]),
  row(98, "a text or a fraction for a whole number", [
    F.models,
    "a text for a number",
    "a fraction for a whole number",
    "a number too large to be one",
  ]),
  row(99, "a key too few or too many", [F.models, "a key too few", "a key too many"]),
  row(100, "no text, a refusal, max_tokens", [F.models, "no text at all", "the model refused", "the answer was cut off at max_tokens"]),
  row(
    101,
    "__proto__, 10,000 levels, an endless answer",
    [F.models, "a reserved key", "10,000 levels"],
    [F.anthropic, "of the socket when the answer with %i is too long"],
  ),
  row(102, "HTML or {} with 200", [F.models, "a page of HTML with 200", "{} with 200"]),
  row(103, "a stream that ends in its middle", [F.models, "a stream that ends tidily in its middle", "a stream whose socket breaks"]),
  row(104, "usage that is missing, negative, a text", [F.models, "is missing", "is negative", "is text"]),
  row(105, "a route that was not declared (no tools yet)", [F.models, "a word of the model's that is no route fails the run"]),
  row(106, "429 with an hour's patience", [F.models, "the vendor wants an hour's patience"]),
  // The command and its environment
  row(107, "--operators with an empty, unknown or double name", [F.serve, "an operator without a name", "an operator that is not there"]),
  row(108, "--port that is none, too large, or taken", [
    F.serve,
    "a port that is no number",
    "a port that is too large",
    "an address that is taken",
  ]),
  row(109, "an unknown flag", [F.serve, "a flag that is none"]),
  row(110, "no key for the model's vendor", [F.serve, "a model without its key"]),
  row(111, "a variable with a wrong value", [F.environment, "natss", " nats", "does not hide the others: all are named at once"]),
  row(112, "a broker or database that is not there, with a password", [
    F.serve,
    "openvibe serve says with 4 that the broker cannot be reached",
  ]),
  row(
    113,
    "a configuration that is missing, a folder, no file",
    [F.files, "113: that is a socket, or a folder"],
    [F.configFile, "a file that is not there"],
  ),
  open(114, "an older Node", "it is checked in the command's first lines; no older Node is at hand in the tests"),
  row(115, "no HOME, and a folder that cannot be written", [F.code, "115: with neither HOME nor a folder it may write to"]),
  row(116, "SIGTERM, then SIGINT", [F.runService, "that drains for long after %s is ended at once by %s, with 130"]),
  open(
    117,
    "a tiny heap, few descriptors",
    "what V8 and the kernel say is not ours to word; that no run is lost is shown by tests/faults/kill.test.ts",
  ),
];
