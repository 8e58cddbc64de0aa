/**
 * Rewrites decorators into what Node runs, and leaves the types out, by esbuild's binary: a package for each platform, without a script at install and
 * without its JavaScript. It stands alone (no import of ours), so that a Vite configuration can load it from source.
 */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";

export type Lowered = { readonly code: string; readonly map: string } | { readonly fault: string };

const MAP = "\n//# sourceMappingURL=data:application/json;base64,";
/** As Node strips types: imports stay as they are written, and fields are defined. The reader's tsconfig has no say. */
const TSCONFIG = JSON.stringify({ compilerOptions: { verbatimModuleSyntax: true, useDefineForClassFields: true } });
const MOST_BYTES = 64 * 1024 * 1024;

/** The file's text as plain JavaScript; `file` is how messages and stack traces name it. */
export function lowerDecorators(text: string, file: string): Lowered {
  const binary = findBinary();
  if (binary === undefined)
    return {
      fault: `${file} has decorators, which Node does not run, and esbuild, which rewrites them, is not installed for ${PLATFORM}: install @esbuild/${PLATFORM} beside openvibe, or build the file first`,
    };
  const loader = /\.m?([jt]s)$/.exec(file)?.[1] ?? "ts";
  const flags = [`--loader=${loader}`, "--target=node24", `--tsconfig-raw=${TSCONFIG}`, `--sourcefile=${file}`];
  const output = ["--sourcemap=inline", "--sources-content=false", "--log-level=error", "--color=false"];
  try {
    const written = execFileSync(binary, [...flags, ...output], { input: text, encoding: "utf8", maxBuffer: MOST_BYTES, stdio: "pipe" });
    const at = written.lastIndexOf(MAP);
    return { code: written.slice(0, at + 1), map: Buffer.from(written.slice(at + MAP.length), "base64").toString() };
  } catch (error) {
    return { fault: describe((error as { readonly stderr?: string }).stderr ?? String(error), file) };
  }
}

const PLATFORM = `${process.platform}-${process.arch}`;

function findBinary(): string | undefined {
  const file = process.platform === "win32" ? "esbuild.exe" : "bin/esbuild";
  try {
    return createRequire(import.meta.url).resolve(`@esbuild/${PLATFORM}/${file}`);
  } catch {
    return undefined; // left out at install, or a platform of its own
  }
}

/** esbuild's first error in one line: `hello.ts:3:4: Expected ";" but found "x"`. */
function describe(stderr: string, file: string): string {
  const what = /\[ERROR\] (.*)/.exec(stderr)?.[1] ?? stderr.trim().split("\n")[0] ?? "";
  const place = /^\s+(?:\S.*):(\d+):(\d+):$/m.exec(stderr);
  return `${file}${place === null ? "" : `:${place[1]}:${Number(place[2]) + 1}`}: ${what}`;
}
