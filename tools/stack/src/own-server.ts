import { type Keepable, type KeptUnit, restartUnit, startUnit, type Unit } from "./unit.ts";
import type { FoundBy } from "./ways.ts";

interface OwnServerParts {
  /** As messages call it. */
  readonly name: string;
  readonly unit: Unit;
  readonly url: string;
  readonly foundBy: FoundBy;
}

/** A server in a unit that is ours alone: what Postgres and Redis share. How it is asked and ended is the business of its kind. */
export abstract class OwnServer implements Keepable, AsyncDisposable {
  readonly url: string;
  readonly foundBy: FoundBy;
  protected readonly unit: Unit;
  readonly #name: string;
  #version = "";

  constructor({ name, unit, url, foundBy }: OwnServerParts) {
    this.#name = name;
    this.unit = unit;
    this.url = url;
    this.foundBy = foundBy;
  }

  get pid(): number | undefined {
    return this.unit.pid;
  }

  get version(): string {
    return this.#version;
  }

  async startFirst(): Promise<void> {
    this.#version = await startUnit(this.unit, this.#name, () => this.probe());
  }

  async start(): Promise<void> {
    await restartUnit(this.unit, this.#name, () => this.probe());
  }

  async keep(): Promise<readonly KeptUnit[]> {
    return [await this.unit.keep()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unit.remove();
  }

  /** Gives its version; throws until it answers. */
  protected abstract probe(): Promise<string>;
}
