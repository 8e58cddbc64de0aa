import type { Reporter, TestModule } from "vitest/node";

/** Ends a test run with `N passed, N failed`: the line that machines read. A skipped test proves nothing: in CI it fails the run. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed" || state === "skipped") count[state]++;
        else count.failed++;
      }
    }
    if (count.skipped > 0 && process.env.CI !== undefined) process.exitCode = 1;
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
    process.on("exit", () => process.stdout.write(`\n${count.passed} passed, ${count.failed} failed${skipped}\n`));
  }
}
