/** Checks that imports point one way (tools/boundaries.json), that siblings do not reach into each other, and that no files load each other in a circle (types may). */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

interface Rules {
  readonly may_import: Readonly<Record<string, readonly string[]>>;
  readonly composition_roots: readonly string[];
  readonly free: readonly string[];
  readonly adapters: readonly string[];
  readonly may_import_adapters: readonly string[];
  readonly siblings: readonly string[];
}

const root = join(import.meta.dirname, "..");
const rules = JSON.parse(readFileSync(join(root, "tools/boundaries.json"), "utf8")) as Rules;
const IMPORT = /(?:^|\n)\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?"([^"]+)"|\bimport\("([^"]+)"\)/g;
const TESTS = /(\.test|\.test-d|\.fixture|-for-tests|\.example)\.ts$|\/(contract|test-rig)\/|^tests\//;

const packages = globSync(
  [
    "libs/*/package.json",
    "services/*/package.json",
    "{nats,operators,bench,tests}/package.json",
    "bench/handwritten/package.json",
    "tools/*/package.json",
  ],
  { cwd: root },
).map((file) => ({
  folder: dirname(file),
  name: (JSON.parse(readFileSync(join(root, file), "utf8")) as { name: string }).name,
}));
const files = globSync(["{libs,services,nats,operators,bench,tests,tools}/**/*.ts"], {
  cwd: root,
  exclude: (name) => /(^|\/)(node_modules|dist)(\/|$)/.test(name),
});
const faults: string[] = [];
const graph = new Map<string, string[]>();

for (const file of files) {
  const owner = packages
    .filter(({ folder }) => file.startsWith(`${folder}/`))
    .toSorted((a, b) => b.folder.length - a.folder.length)[0]?.name;
  const imports = [...readFileSync(join(root, file), "utf8").matchAll(IMPORT)].map(([text, fixed, lazy]) => ({
    target: fixed ?? lazy ?? "",
    loads: !/^\s*(import|export) type\s/.test(text) && lazy === undefined,
  }));
  const targets = imports.map(({ target }) => target);
  const toFile = (target: string) => normalize(join(dirname(file), target));
  const local = targets.filter((target) => target.startsWith(".")).map(toFile);
  graph.set(
    file,
    imports.filter(({ target, loads }) => loads && target.startsWith(".")).map(({ target }) => toFile(target)),
  );
  if (TESTS.test(file) || owner === undefined) continue;
  for (const target of targets.filter((name) => !name.startsWith("."))) checkPackage(file, owner, target);
  for (const target of local) checkSibling(file, target);
}
for (const cycle of findCycles(graph)) faults.push(`files load each other in a circle: ${cycle.join(" -> ")}`);

for (const fault of faults) process.stderr.write(`${fault}\n`);
process.stdout.write(`boundaries: ${files.length} files, ${faults.length} faults\n`);
process.exitCode = faults.length === 0 ? 0 : 1;

function checkPackage(file: string, owner: string, target: string): void {
  const name = packages.map((known) => known.name).find((known) => target === known || target.startsWith(`${known}/`));
  if (name === undefined || name === owner) return;
  if (rules.adapters.includes(target) && !rules.may_import_adapters.includes(owner))
    faults.push(`${file} imports the adapter ${target}: only a composition root or a test may`);
  if (rules.free.includes(owner)) return;
  const allowed = rules.may_import[owner];
  if (allowed === undefined) faults.push(`${owner} has no row in tools/boundaries.json`);
  else if (!allowed.includes(name) && !rules.composition_roots.includes(file))
    faults.push(`${file} imports ${name}; ${owner} may import ${allowed.join(", ") || "nothing of ours"}`);
}

function checkSibling(file: string, target: string): void {
  const from = rules.siblings.find((sibling) => file.startsWith(`${sibling}/`));
  const to = rules.siblings.find((sibling) => target.startsWith(`${sibling}/`));
  if (from !== undefined && to !== undefined && from !== to) faults.push(`${file} reaches into its sibling ${relative(dirname(from), to)}`);
  if (from === undefined && to !== undefined) faults.push(`${file} imports the adapter ${target}`);
}

function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>();
  const found: string[][] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at !== -1) found.push([...path.slice(at), file]);
    if (at !== -1 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}
