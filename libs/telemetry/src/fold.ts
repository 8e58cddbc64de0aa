/** What stands for every value that came after the first so many. */
const OTHER = "other";

/** More distinct values of one label than this help nobody, and cost Prometheus a series each. */
const MAX_VALUES = 200;
const MAX_LENGTH = 120;

/**
 * Bounds what a label may say: its first 200 values stay as they are, every later one becomes `other`, so that nobody outside can make this process
 * keep (and Prometheus store) a series for each name he thinks of.
 */
export function createFold(maxValues = MAX_VALUES): (label: string, value: string) => string {
  const known = new Map<string, Set<string>>();
  return (label, value) => {
    let values = known.get(label);
    if (values === undefined) {
      values = new Set();
      known.set(label, values);
    }
    if (values.has(value)) return value;
    if (values.size >= maxValues || value.length > MAX_LENGTH) return OTHER;
    values.add(value);
    return value;
  };
}
