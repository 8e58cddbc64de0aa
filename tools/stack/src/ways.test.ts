import { expect, test } from "vitest";
import { firstWay, type Way } from "./ways.ts";

const fails = (name: string, missing: string): Way<string> => ({ name, find: async () => ({ missing }) });
const works = (name: string): Way<string> => ({ name, find: async () => ({ found: name }) });

test("the first way that works is taken, and none behind it is tried", async () => {
  const untried: Way<string> = { name: "third", find: () => Promise.reject(new Error("was tried")) };

  expect(await firstWay("nats-server", "", [fails("first", "not set"), works("second"), untried])).toBe("second");
});

test("when no way works, one line names all of them and what to do", async () => {
  const ways = [fails("PATH", "/usr/bin/nats-server is 2.9.10"), fails("Docker", "no daemon\nanswers")];

  await expect(firstWay("nats-server >= 2.12.6", "Install Go.", ways)).rejects.toThrow(
    "no nats-server >= 2.12.6 on this machine; tried PATH (/usr/bin/nats-server is 2.9.10), Docker (no daemon answers). Install Go.",
  );
});
