#!/usr/bin/env node
/** The command's door. It loads nothing before it must: `openvibe --version` is to cost hardly more than Node itself. */
import { readFileSync } from "node:fs";
import { ExitCode } from "./exit-code.ts";

const LEAST_NODE = 24;
const typed = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };

if (Number(process.versions.node.split(".")[0]) < LEAST_NODE) {
  process.stderr.write(`openvibe needs Node ${LEAST_NODE} or newer; this is ${process.versions.node}\n`);
  process.exitCode = ExitCode.Usage;
} else if (typed.length === 1 && (typed[0] === "--version" || typed[0] === "-V")) process.stdout.write(`${version}\n`);
else await (await import("./run-program.ts")).runProgram(typed, version);
