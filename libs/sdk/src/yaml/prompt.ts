import type { FieldUses } from "./field-uses.ts";
import { type Spot, spotsIn } from "./spots.ts";
import { parseTemplate, type Template } from "./template.ts";

export interface Prompt {
  readonly system?: Template;
  readonly user: Template;
}

/** A prompt as Markdown, by the name that messages show. */
export interface PromptText {
  readonly name: string;
  readonly text: string;
}

const HEADING = /^#[ \t]+(system|user)[ \t]*$/gim;

/**
 * A Markdown prompt: `# System` and `# User`, each alone on its line, begin its two parts; without them all of it is the user's.
 * @throws OpenVibeError OV_DEFINITION_INVALID with the prompt's line and column
 */
export function parsePrompt({ name, text }: PromptText, uses: FieldUses): Prompt {
  const spotAt = spotsIn(text, name);
  const template = (part: Part) => parseTemplate(part.text, uses, (offset) => spotAt(part.at + offset));
  const { system, user } = splitPrompt({ name, text });
  return { ...(system === undefined ? {} : { system: template(system) }), user: template(user) };
}

/** The two parts as they stand there. @throws OpenVibeError OV_DEFINITION_INVALID */
export function splitPrompt({ name, text }: PromptText): { readonly system?: Part; readonly user: Part } {
  const spotAt = spotsIn(text, name);
  const { system, user } = partsOf(text, spotAt);
  if (user === undefined || user.text === "") throw spotAt(0).fault("the prompt asks nothing: it has no text for the user's part");
  return { ...(system === undefined ? {} : { system }), user };
}

interface Part {
  readonly text: string;
  readonly at: number;
}

function partsOf(text: string, spotAt: (offset: number) => Spot): { readonly system?: Part; readonly user?: Part } {
  const headings = [...text.matchAll(HEADING)];
  if (headings.length === 0) return { user: trimmed(text, text.startsWith("\uFEFF") ? 1 : 0, text.length) };
  const [first] = headings;
  if (text.slice(0, first?.index).replace("\uFEFF", "").trim() !== "")
    throw spotAt(0).fault('there is text before the first of "# System" and "# User"; it belongs behind one of them');
  const parts: { system?: Part; user?: Part } = {};
  headings.forEach((heading, index) => {
    const which = (heading[1] ?? "").toLowerCase() === "system" ? "system" : "user";
    if (parts[which] !== undefined) throw spotAt(heading.index).fault(`${heading[0].trim()} stands there a second time`);
    parts[which] = trimmed(text, heading.index + heading[0].length, headings[index + 1]?.index ?? text.length);
  });
  return parts;
}

function trimmed(text: string, from: number, to: number): Part {
  const part = text.slice(from, to);
  return { text: part.trim(), at: from + (part.length - part.trimStart().length) };
}
