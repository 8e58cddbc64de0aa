/** What rests upon the broker, on the oldest nats-server line that is allowed: `pnpm test:oldest-broker`. The rest of the tests run on the newest. */
import { defineConfig } from "vitest/config";

process.env.OPENVIBE_TEST_NATS_VERSION = "2.10.27";

const resolve = { ssr: { resolve: { conditions: ["openvibe-source"] } } };
const test = { globalSetup: ["./tools/stack/src/vitest-setup.ts"], exclude: ["**/node_modules/**", "**/dist/**"] };

export default defineConfig({
  ...resolve,
  test: {
    reporters: ["default", "./tools/count-reporter.ts"],
    projects: [
      {
        ...resolve,
        test: {
          ...test,
          name: "oldest-broker",
          include: ["libs/bus/src/nats/**/*.test.ts", "nats/src/apply.test.ts", "services/openvibe/src/cli/nats-doctor.test.ts"],
          exclude: [...test.exclude, "**/{options,header-text}.test.ts"], // no broker in them
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...resolve,
        test: {
          ...test,
          name: "oldest-broker-kill",
          include: ["tests/oldest-broker/**/*.test.ts"],
          testTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
