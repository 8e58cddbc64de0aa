import { parseStackRequest, runStackCommand, UsageError } from "./command.ts";

try {
  await runStackCommand(parseStackRequest(process.argv.slice(2)), {
    out: (text) => process.stdout.write(text),
    notify: (line) => process.stderr.write(`${line}\n`),
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
