import { defineConfig } from "vitest/config";
import { decorators } from "./libs/composition/src/decorators/vite-plugin.ts";

const resolve = { ssr: { resolve: { conditions: ["openvibe-source"] } } };

export default defineConfig({
  ...resolve,
  plugins: [decorators()],
  test: {
    reporters: ["default", "./tests/support/rows-reporter.ts", "./tools/count-reporter.ts"],
    projects: [
      {
        ...resolve,
        test: {
          name: "unit",
          include: ["{libs,services,tools}/*/src/**/*.test.ts", "{nats,operators,bench}/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**"],
          globalSetup: ["./tools/stack/src/vitest-setup.ts"],
          typecheck: { enabled: false },
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...resolve,
        test: {
          // Whole systems under load and faults, after the rest. They wait most of the time (for outages to end, for owners to fall silent): two at once.
          name: "faults",
          include: ["tests/**/*.test.ts"],
          exclude: ["**/node_modules/**", "tests/oldest-broker/**"],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
