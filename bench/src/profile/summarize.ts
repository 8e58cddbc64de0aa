/** The parts of a `.cpuprofile` that are read here. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
  readonly startTime: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** Shares of the busy time, largest first. */
type Shares = readonly (readonly [title: string, share: number])[];

export interface ProfileSummary {
  /** What Node and V8 do themselves is charged to the package that called them. */
  readonly packages: Shares;
  /** What vendors do is charged to our package that called them, where the stack still shows it. */
  readonly ours: Shares;
  readonly functions: Shares;
  /** With all that they call, and without what belongs to Node. */
  readonly inclusive: Shares;
}

const NOT_BUSY = new Set(["(idle)", "(root)"]);

/** What happened between two moments, in microseconds on the profile's clock. */
export function summarize(profile: CpuProfile, { from, to }: { readonly from: number; readonly to: number }): ProfileSummary {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const selfTimes = new Map<number, number>();
  let now = profile.startTime;
  let busy = 0;
  for (const [index, id] of profile.samples.entries()) {
    const delta = profile.timeDeltas[index] ?? 0;
    now += delta;
    const name = nodes.get(id)?.callFrame.functionName ?? "";
    if (now < from || now > to || NOT_BUSY.has(name)) continue;
    selfTimes.set(id, (selfTimes.get(id) ?? 0) + delta);
    busy += delta;
  }
  const sums = { packages: new Map<string, number>(), ours: new Map<string, number>(), functions: new Map<string, number>() };
  const inclusive = new Map<string, number>();
  const add = (into: Map<string, number>, title: string, time: number) => into.set(title, (into.get(title) ?? 0) + time);
  for (const [id, time] of selfTimes) {
    const stack = stackOf(id, nodes, parents);
    const [top] = stack;
    if (top === undefined) continue;
    const packages = stack.map(packageOf);
    const notNode = packages.find((name) => !isNode(name)) ?? packages[0] ?? "";
    add(sums.packages, notNode, time);
    add(sums.ours, packages.find(isOurs) ?? notNode, time);
    add(sums.functions, titleOf(top), time);
    // A function that calls itself counts once.
    for (const title of new Set(stack.filter((_node, index) => !isNode(packages[index] ?? "")).map(titleOf))) add(inclusive, title, time);
  }
  const ranked = (times: ReadonlyMap<string, number>): Shares =>
    [...times].map(([title, time]) => [title, time / busy] as const).toSorted(([, a], [, b]) => b - a);
  const { packages, ours, functions } = sums;
  return { packages: ranked(packages), ours: ranked(ours), functions: ranked(functions), inclusive: ranked(inclusive) };
}

/** The running function first. */
function stackOf(id: number, nodes: ReadonlyMap<number, ProfileNode>, parents: ReadonlyMap<number, number>): readonly ProfileNode[] {
  const stack: ProfileNode[] = [];
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const node = nodes.get(at);
    if (node !== undefined && node.callFrame.functionName !== "(root)") stack.push(node);
  }
  return stack;
}

const isNode = (packageName: string) => packageName === "(native)" || packageName.startsWith("node:");
const isOurs = (packageName: string) => /^(libs|services|nats)\//.test(packageName);

/** `libs/store`, `services/gateway`, `fastify`, `node:net`, `(garbage collector)`, … */
export function packageOf({ callFrame: { url, functionName } }: Pick<ProfileNode, "callFrame">): string {
  if (url === "") return functionName.startsWith("(") && functionName !== "(anonymous)" ? functionName : "(native)";
  if (url.startsWith("node:")) return url.split("/").slice(0, 2).join("/");
  const [, ...vendors] = url.split("/node_modules/");
  const vendor = vendors.at(-1);
  if (vendor !== undefined)
    return vendor
      .split("/")
      .slice(0, vendor.startsWith("@") ? 2 : 1)
      .join("/");
  return /\/((?:libs|services|bench|tools|nats|operators)\/[^/]+)\/[^/]/.exec(url)?.[1] ?? url;
}

function titleOf(node: ProfileNode): string {
  const { functionName, url, lineNumber } = node.callFrame;
  const file = url.startsWith("node:") ? url : url.split("/").slice(-3).join("/");
  const place = url === "" ? "" : ` ${packageOf(node)}: ${file}:${lineNumber + 1}`;
  return `${functionName === "" ? "(anonymous)" : functionName}${place}`;
}
