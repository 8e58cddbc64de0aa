/** What a secret looks like when nobody told us that it is one: in a vendor's message, an address, a header that was printed. */
export const HIDDEN = "[hidden]";

/** Not within a word; the letter of an escape (`\n`, in a text that holds JSON) is no word. */
const START = String.raw`(?:(?<=\\[bfnrt])|(?<![A-Za-z0-9]))`;
const NAMES = "authorization|cookie|api[-_ ]?keys?|password|passwd|secret|token|credentials?";
const STORES = "postgres|postgresql|nats|tls|redis|rediss|mysql|mongodb|amqp";
const QUOTE = String.raw`(?:\\?["'])?`;

/** What repeats before the part that tells is bounded: a long text without secrets costs one walk, not one from each of its letters. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  // A member of JSON; then of JSON within a text, within which a quote has so many backslashes as the first one.
  [new RegExp(String.raw`("[\w-]{0,40}(?:${NAMES})"\s*:\s*")(?:[^"\\]|\\.)+(?=")`, "gi"), `$1${HIDDEN}`],
  [
    new RegExp(String.raw`((\\{1,30})"[\w-]{0,40}(?:${NAMES})\2"\s*:\s*\2")(?:(?!(?<!\\)\2")(?:[^"]|(?<=\\)"))+(?=\2")`, "gi"),
    `$1${HIDDEN}`,
  ],
  [new RegExp(String.raw`((\\{0,30})"[\w-]{0,40}(?:${NAMES})\2"\s*:\s*\[)[^\]]+(?=\])`, "gi"), `$1${HIDDEN}`],
  // The login of an address. The password of a store or broker may hold anything up to the last @.
  [new RegExp(String.raw`((?:${STORES}):\/\/)[^\s"'<>\\?#]+@`, "gi"), `$1${HIDDEN}@`],
  [/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s"'<>\\/?#]+@/gi, `$1${HIDDEN}@`],
  [/([?&;][\w.-]*(?:key|token|secret|password|passwd|signature|sig|auth)=)[^&\s"'<>\\#]+/gi, `$1${HIDDEN}`],
  [/(cookie\s*[:=]\s*)[^"\\\n]+/gi, `$1${HIDDEN}`],
  // `authorization: Basic …`, `x-api-key=…`, `ANTHROPIC_API_KEY: "…"`
  [
    new RegExp(String.raw`((?:${NAMES})${QUOTE}\s*[:=]\s*${QUOTE}(?:(?:bearer|basic|token|negotiate)\s+)?)[^\s"'<>\\,;&(){}[\]]{4,}`, "gi"),
    `$1${HIDDEN}`,
  ],
  [new RegExp(String.raw`${START}(bearer\s+)[\w.~+/=-]{6,}`, "gi"), `$1${HIDDEN}`],
  // Anthropic's and others' keys, ours, webhooks', JSON Web Tokens.
  [new RegExp(String.raw`${START}sk-[\w-]{12,}`, "g"), HIDDEN],
  [new RegExp(String.raw`${START}ov_[\w-]{12,}`, "g"), HIDDEN],
  [new RegExp(String.raw`${START}whsec_[\w+/=-]{12,}`, "g"), HIDDEN],
  [new RegExp(String.raw`${START}eyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?`, "g"), HIDDEN],
];

/** Takes everything out of a text that has the shape of a secret. */
export function hideShapes(text: string): string {
  let clean = text;
  for (const [shape, instead] of SHAPES) clean = clean.replace(shape, instead);
  return clean;
}
