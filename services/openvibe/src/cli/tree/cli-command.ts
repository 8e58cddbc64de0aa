import { Command, type ErrorOptions, Help } from "commander";

/** A command of the tree: with examples, which its help shows before anything else, and faults told in one line. */
export class CliCommand extends Command {
  examples: readonly string[] = [];
  /** Whether it ends by draining: then the first Ctrl-C is its own to heed. */
  drains = false;

  override createCommand(name?: string): CliCommand {
    return new CliCommand(name);
  }

  /** Lines as a person types them; a test sees that each could be typed. */
  example(...lines: readonly string[]): this {
    this.examples = lines;
    return this;
  }

  drainsOnSignal(): this {
    this.drains = true;
    return this;
  }

  /** What is typed to reach it: `openvibe runs ls`. */
  get path(): string {
    return this.parent === null ? this.name() : `${(this.parent as CliCommand).path} ${this.name()}`;
  }

  override createHelp(): Help {
    return Object.assign(new ExamplesFirst(), this.configureHelp());
  }

  /** commander says a fault in one line, and what was meant in the next. */
  override error(message: string, options?: ErrorOptions): never {
    const [what = "", meant] = message.replace(/^error: /, "").split("\n(Did you mean ");
    const suggestion = meant === undefined ? "" : `; did you mean ${meant.replace(/\)$/, "")}`;
    return super.error(`openvibe: ${what.replace(/\.$/, "")}${suggestion} (${this.path} --help shows what there is)`, options);
  }
}

class ExamplesFirst extends Help {
  override formatHelp(command: Command, helper: Help): string {
    const text = super.formatHelp(command, helper);
    const { examples } = command as CliCommand;
    if (examples.length === 0) return text;
    const place = text.search(/\n\n(Arguments|Options|Global Options|Commands):/);
    const shown = `\n\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`;
    return `${text.slice(0, place)}${shown}${text.slice(place)}`;
  }
}
