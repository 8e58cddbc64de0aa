import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { installLine, quoted } from "./install-line.ts";

/** A folder with `openvibe` in `node_modules`, and npm's note that it came from `resolved`. */
async function installed(resolved: string | undefined): Promise<AsyncDisposable & { readonly root: string; readonly openvibe: string }> {
  const root = await mkdtemp(join(tmpdir(), "openvibe-install-"));
  const openvibe = join(root, "project/node_modules/openvibe");
  await mkdir(openvibe, { recursive: true });
  if (resolved !== undefined) {
    const lock = { packages: { "node_modules/openvibe": { version: "0.1.0", resolved } } };
    await writeFile(join(root, "project/node_modules/.package-lock.json"), JSON.stringify(lock));
  }
  return { root, openvibe, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}

describe("a new project gets the package", () => {
  test("from the tarballs that it was installed from itself", async () => {
    await using there = await installed("file:../the clone/packed/openvibe-0.1.0.tgz");

    expect(await installLine(there.openvibe)).toBe(`npm install '${there.root}/the clone/packed'/*.tgz`);
  });

  test.each([
    ["https://registry.npmjs.org/openvibe/-/openvibe-0.1.0.tgz"], //
    ["file:../openvibe"],
    [undefined],
  ])("by its name, where it came from %s", async (resolved) => {
    await using there = await installed(resolved);

    expect(await installLine(there.openvibe)).toBe("npm install");
  });

  test("from what the workspace has packed, where it runs from its sources", async () => {
    expect(await installLine("/src/services/openvibe")).toBe("npm install /src/packed/*.tgz");
  });
});

test("a path is quoted where a shell would take it apart", () => {
  expect(["my-ops", "/a/b.c/@d", "my ops", "it's"].map(quoted)).toEqual(["my-ops", "/a/b.c/@d", "'my ops'", "'it'\\''s'"]);
});
