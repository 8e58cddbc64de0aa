import { parseList, parseTypes } from "../flags.ts";
import type { CliCommand } from "./cli-command.ts";
import { cursorOption, limitOption, speaksToServer } from "./options.ts";

const SUBSCRIPTION = "as `openvibe webhooks ls` shows it";

/** Who is sent events. */
export function addSending(program: CliCommand): void {
  const webhooks = program.command("webhooks").description("who is sent events, and how that goes").example("openvibe webhooks ls");
  const load = () => import("../webhooks.ts");

  const ls = webhooks.command("ls").description("who is sent events").example("openvibe webhooks ls");
  speaksToServer(ls).action(async (options) => (await load()).listWebhooks(options));

  const add = webhooks
    .command("add")
    .description("have events sent to an address; shows the secret they are signed with")
    .example("openvibe webhooks add https://example.com/hooks --types run.completed,lead.qualified")
    .argument("<url>", "a public https address, or a host that OPENVIBE_WEBHOOKS_ALLOW lists")
    .requiredOption(
      "--types <types>",
      "which, separated by commas: exact (lead.qualified), by their first word (run.*), or all (*)",
      parseTypes,
    )
    .option("--operators <ids>", "only events of these operators, separated by commas", parseList)
    .option("--ordered", "one at a time per run, in the order of its events")
    .option("--description <text>", "for those who list it");
  speaksToServer(add).action(async (url: string, options) => (await load()).addWebhook(url, options));

  const rm = webhooks.command("rm").description("send nothing more").example("openvibe webhooks rm sub_3k1t0w2n5q8v7x4z");
  speaksToServer(rm.argument("<subscription_id>", SUBSCRIPTION)).action(async (id: string, options) =>
    (await load()).removeWebhook(id, options),
  );

  const test = webhooks
    .command("test")
    .description("send an event of the type subscription.test")
    .example("openvibe webhooks test sub_3k1t0w2n5q8v7x4z");
  speaksToServer(test.argument("<subscription_id>", SUBSCRIPTION)).action(async (id: string, options) =>
    (await load()).testWebhook(id, options),
  );

  const attempts = webhooks
    .command("attempts")
    .description("how each attempt to deliver went, newest first")
    .example("openvibe webhooks attempts sub_3k1t0w2n5q8v7x4z")
    .argument("<subscription_id>", SUBSCRIPTION)
    .option("--delivery <id>", "only attempts of this delivery")
    .addOption(limitOption("attempts"))
    .addOption(cursorOption());
  speaksToServer(attempts).action(async (id: string, options) => (await load()).listAttempts(id, options));
}
