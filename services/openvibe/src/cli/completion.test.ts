/** The scripts of `openvibe completion`, run in the shells that are there. bash is there wherever our tests run. */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { openvibe } from "../spawn-node.fixture.ts";

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ["openvibe ru", ["run", "runs"]],
  ["openvibe runs ", ["ls", "get", "watch", "resume", "cancel", "rerun"]],
  ["openvibe runs ls --st", ["--status"]],
  ["openvibe runs ls --status comp", ["completed"]],
  ["openvibe -q context w", ["watch"]],
  ["openvibe run --url http://127.0.0.1:8000 --wa", ["--wait"]],
  ["openvibe completion z", ["zsh"]],
  ["openvibe events tail --no-c", ["--no-color"]],
];

const scripts = new Map<string, string>();
beforeAll(async () => {
  for (const shell of ["bash", "zsh", "fish"]) scripts.set(shell, (await openvibe(["completion", shell])).out);
});

/** What bash offers when Tab is pressed at the end of `line`. */
async function inBash(line: string): Promise<readonly string[]> {
  const words = line.split(" ");
  const program = `${scripts.get("bash")}
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _openvibe; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await promisify(execFile)("bash", ["--norc", "-uc", program]);
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

/** What fish offers, which says so itself. */
async function inFish(line: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)("fish", ["-N", "-c", `${scripts.get("fish")}\ncomplete -C '${line}'`]);
  return stdout
    .trim()
    .split("\n")
    .map((offered) => offered.split("\t", 1)[0] ?? "");
}

/** What zsh would offer: `compadd` is replaced by one that prints, since completions need a person at a terminal. */
async function inZsh(line: string): Promise<readonly string[]> {
  const words = line.split(" ");
  const program = `compdef() { : }; compadd() { shift; for each in "$@"; do [[ $each == \${words[CURRENT]}* ]] && print -r -- $each; done; true }
    ${scripts.get("zsh")}
    words=(${words.map((word) => `'${word}'`).join(" ")}); CURRENT=${words.length}; _openvibe`;
  return (await promisify(execFile)("zsh", ["-fc", program])).stdout.trim().split("\n");
}

const isThere = (shell: string) => spawnSync(shell, ["--version"]).error === undefined;

describe("bash completes", () => {
  test.each(CASES)("%j", async (line, offered) => {
    expect(await inBash(line)).toEqual(offered);
  });

  test("files for an operator's file, and nothing for a word that cannot be known", async () => {
    expect(await inBash("openvibe dev package.js")).toEqual(["package.json"]);
    expect(await inBash("openvibe runs get run_")).toEqual([""]);
  });
});

if (isThere("fish"))
  describe("fish completes", () => {
    test.each(CASES)("%j", async (line, offered) => {
      expect((await inFish(line)).toSorted()).toEqual(offered.toSorted());
    });
  });

if (isThere("zsh"))
  describe("zsh completes", () => {
    test.each(CASES)("%j", async (line, offered) => {
      expect(await inZsh(line)).toEqual(offered);
    });
  });

test("a shell that is none is refused with those there are", async () => {
  const { code, out, err } = await openvibe(["completion", "fich"]);

  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(/Allowed are bash, zsh, fish; did you mean fish\? \(/);
});
