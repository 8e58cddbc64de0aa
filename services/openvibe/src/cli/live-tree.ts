import type { JsonObject, StepManifest } from "@openvibe/core";
import { coloured } from "./colour.ts";
import { styled } from "./print.ts";
import { createRunTree, type TreeLine } from "./run-tree.ts";

const REPAINT_MS = 100;
const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export interface LiveTree extends Disposable {
  see(type: string, event: JsonObject): void;
}

/** Paints a run's tree over itself on the terminal; disposing leaves it as it stands. */
export function openLiveTree(steps: readonly StepManifest[]): LiveTree {
  const { stdout } = process;
  const tree = createRunTree(steps);
  const startedAtMs = performance.now();
  let painted = 0;

  const paint = () => {
    const nowMs = performance.now();
    const frame = SPINNER[Math.floor((nowMs - startedAtMs) / REPAINT_MS) % SPINNER.length] ?? "";
    const width = Math.max(20, stdout.columns - 1);
    const lines = visible(tree.lines(nowMs), Math.max(3, stdout.rows - 2));
    const shown = [`run ${styled(tree.status)}`, ...lines.map(({ mark, text }) => `${signOf(mark, frame)} ${text.slice(0, width - 2)}`)];
    stdout.write(`${painted === 0 ? "" : `\u001b[${painted}A`}\r\u001b[J${shown.join("\n")}\n`);
    painted = shown.length;
  };
  const timer = setInterval(paint, REPAINT_MS);
  paint();
  return {
    see: (type, event) => tree.see(type, event, performance.now()),
    [Symbol.dispose]() {
      clearInterval(timer);
      paint();
    },
  };
}

/** What does not fit on the screen cannot be painted over: then the lines around the step that runs. */
function visible(lines: readonly TreeLine[], most: number): readonly TreeLine[] {
  if (lines.length <= most) return lines;
  const at = Math.max(
    0,
    lines.findLastIndex(({ mark }) => mark === "running" || mark === "waiting" || mark === "done" || mark === "failed"),
  );
  const from = Math.min(Math.max(0, at - Math.floor(most / 2)), lines.length - most);
  return lines.slice(from, from + most);
}

function signOf(mark: TreeLine["mark"], frame: string): string {
  switch (mark) {
    case undefined:
      return " ";
    case "pending":
      return coloured("dim", "·");
    case "running":
      return coloured("cyan", frame);
    case "waiting":
      return coloured("yellow", "‖");
    case "done":
      return coloured("green", "✓");
    case "failed":
      return coloured("red", "✗");
    case "skipped":
      return coloured("dim", "–");
    default:
      return mark satisfies never;
  }
}
