/** An operator's workflows as an SVG: boxes below each other, the arms of a step beside each other. Laid out by hand, so that nothing need be installed. */
import { isArm, type OperatorManifest, type RouteManifest, type StepManifest, type WorkflowManifest } from "@openvibe/core";
import { describeStep, describeTriggers } from "./drawing.ts";
import { armsOf, LoopRoute } from "./plan.ts";

const BOX = { width: 220, height: 48 };
const GAP = 36;
const MARGIN = 24;
const TITLE = 40;

/** A part of the picture; `draw` is given the middle of its upper edge. */
interface Block {
  readonly width: number;
  readonly height: number;
  draw(x: number, y: number): readonly string[];
}

export function drawSvg({ id, workflows }: Pick<OperatorManifest, "id" | "workflows">): string {
  const blocks = workflows.map(workflowBlock);
  const width = blocks.reduce((sum, block) => sum + block.width + MARGIN, MARGIN);
  const height = Math.max(0, ...blocks.map((block) => block.height)) + 2 * MARGIN;
  let x = MARGIN;
  const parts = blocks.flatMap((block) => {
    const drawn = block.draw(x + block.width / 2, MARGIN);
    x += block.width + MARGIN;
    return drawn;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" text-anchor="middle" role="img">`,
    `<title>${escaped(id)}</title>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...parts,
    "</svg>",
  ].join("\n");
}

function workflowBlock(workflow: WorkflowManifest): Block {
  const chain = chainBlock(workflow.steps);
  const triggers = describeTriggers(workflow);
  const width = Math.max(chain.width, 9 * workflow.id.length, 7 * triggers.length);
  const end = TITLE + chain.height + GAP;
  return {
    width,
    height: end + 16,
    draw: (x, y) => [
      text(x, y + 10, workflow.id, 'font-weight="bold"'),
      text(x, y + 28, triggers, 'fill="#555"'),
      ...chain.draw(x, y + TITLE),
      line(x, y + TITLE + chain.height, x, y + end, true),
      `<circle cx="${x}" cy="${y + end + 7}" r="7"/>`,
    ],
  };
}

function chainBlock(steps: readonly StepManifest[]): Block {
  const blocks = steps.map(stepBlock);
  const height = blocks.reduce((sum, block) => sum + block.height, 0) + GAP * Math.max(0, blocks.length - 1);
  return {
    width: Math.max(BOX.width, ...blocks.map((block) => block.width)),
    height,
    draw(x, y) {
      let at = y;
      return blocks.flatMap((block, index) => {
        const parts = block.draw(x, at);
        at += block.height;
        if (index === blocks.length - 1) return parts;
        at += GAP;
        return [...parts, line(x, at - GAP, x, at, true)];
      });
    },
  };
}

function stepBlock(step: StepManifest): Block {
  const arms = Object.entries(armsOf(step) ?? {});
  if (arms.length === 0) return { ...BOX, draw: (x, y) => drawBox(step, x, y) };
  const blocks = arms.map(([route, arm]) => ({ ...armBlock(arm), route, again: isAgain(step, route) }));
  const width = blocks.reduce((sum, { block }) => sum + block.width, 0) + GAP * (blocks.length - 1);
  const tallest = Math.max(...blocks.map(({ block }) => block.height));
  const height = BOX.height + GAP + tallest + GAP;
  return {
    width,
    height,
    draw(x, y) {
      const [top, bottom] = [y + BOX.height + GAP, y + height];
      let left = x - width / 2;
      const parts = blocks.flatMap(({ route, arrives, leaves, again, block }) => {
        const middle = left + block.width / 2;
        const edge = left;
        left += block.width + GAP;
        const end = top + block.height;
        const onward = again
          ? `<path d="M${middle} ${end} V${end + GAP / 3} H${edge - 8} V${y + BOX.height / 2} H${x - BOX.width / 2}" fill="none" stroke="black" marker-end="url(#arrow)"/>`
          : `<path d="M${middle} ${end} V${bottom - 8} H${x} V${bottom}" fill="none" stroke="black"/>`;
        return [
          `<path d="M${x} ${y + BOX.height} V${y + BOX.height + 8} H${middle} V${top}" fill="none" stroke="black"${arrives ? ' marker-end="url(#arrow)"' : ""}/>`,
          text(middle, top - 10, route, 'fill="#555" stroke="white" stroke-width="4" paint-order="stroke"'),
          ...block.draw(middle, top),
          ...(leaves ? [onward] : []),
        ];
      });
      return [...parts, ...drawBox(step, x, y)];
    },
  };
}

/** `arrives`: an arrow points at it. `leaves`: the way goes on below it. */
function armBlock(route: RouteManifest): { readonly block: Block; readonly arrives: boolean; readonly leaves: boolean } {
  if (isArm(route)) return { block: chainBlock(route), arrives: route.length > 0, leaves: true };
  const said = "goto" in route ? `to ${route.goto}` : "the end";
  const block: Block = { width: BOX.width, height: 20, draw: (x, y) => [text(x, y + 14, said, 'font-style="italic"')] };
  return { block, arrives: true, leaves: false };
}

function isAgain(step: StepManifest, route: string): boolean {
  return step.kind === "loop" && route === LoopRoute.Again;
}

const FILLS: Readonly<Record<string, string>> = { llm: "#e8f0fe", branch: "#fff4d6", loop: "#fff4d6", wait: "#eee", human: "#fde7e7" };

function drawBox(step: StepManifest, x: number, y: number): string[] {
  const fill = FILLS[step.kind] ?? "white";
  return [
    `<rect x="${x - BOX.width / 2}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6" fill="${fill}" stroke="black"/>`,
    text(x, y + 20, shortened(step.id), 'font-weight="bold"'),
    text(x, y + 37, shortened(describeStep(step)), 'fill="#555"'),
  ];
}

/** What fits into a box. */
function shortened(said: string): string {
  return said.length <= 30 ? said : `${said.slice(0, 29)}…`;
}

function line(x1: number, y1: number, x2: number, y2: number, arrow: boolean): string {
  return `<path d="M${x1} ${y1} L${x2} ${y2}" stroke="black"${arrow ? ' marker-end="url(#arrow)"' : ""}/>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function text(x: number, y: number, said: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escaped(said)}</text>`;
}

/** What XML 1.0 cannot hold at all becomes a question mark. */
function escaped(said: string): string {
  return said.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "?").replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
}
