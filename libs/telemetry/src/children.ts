import type { createFold } from "./fold.ts";

/** Finds what belongs to a combination of label values: one map lookup when it was seen before, folded and made else. */
export function createChildren<Child>(
  labelNames: readonly string[],
  fold: ReturnType<typeof createFold>,
  make: (labels: readonly string[]) => Child,
): (...labels: readonly string[]) => Child {
  const children = new Map<string, Child>();
  return (...labels) => {
    const known = children.get(keyOf(labels));
    if (known !== undefined) return known;
    // What is folded is not kept under its own name: there may be any number of such names.
    const folded = labels.map((label, index) => fold(labelNames[index] ?? "", label));
    const key = keyOf(folded);
    let child = children.get(key);
    if (child === undefined) {
      child = make(folded);
      children.set(key, child);
    }
    return child;
  };
}

function keyOf(labels: readonly string[]): string {
  return labels.length === 1 ? (labels[0] ?? "") : labels.join("\n");
}
