/** Serves what is posted, beside the operators of code. A run in hand goes on with the version that it was claimed with. */
import type { Logger, OperatorDefinition, OperatorId } from "@openvibe/core";
import type { GraphForm } from "@openvibe/graph";
import type { ManifestStore } from "@openvibe/store";
import type { OperatorIntake } from "./operator-intake.ts";
import { followPosted, type PostedOptions } from "./posted-operators.ts";
import type { Registered } from "./registry.ts";
import { type ServedOperator, serveOperator } from "./served-operator.ts";

export interface PostedServiceDeps {
  readonly posted: PostedOptions;
  /** Those in service, at first those of code alone. */
  readonly operators: Map<OperatorId, ServedOperator>;
  readonly intake: OperatorIntake;
  readonly registered: Registered;
  readonly manifests: Pick<ManifestStore, "listPosted">;
  readonly form: GraphForm;
  readonly logger: Logger;
}

/** An operator in service: what it holds, and how its taking ends. */
interface Service {
  readonly stop: AbortController;
  readonly taking: Promise<void>;
  readonly held: AsyncDisposable;
}

export class PostedService implements AsyncDisposable {
  readonly #deps: PostedServiceDeps;
  readonly #services = new Map<OperatorId, Service>();

  constructor(deps: PostedServiceDeps) {
    this.#deps = deps;
  }

  /** Until `signal` aborts and nothing is taken any more. What operators hold is held until the service is disposed: they still answer. */
  async run(signal: AbortSignal): Promise<void> {
    const { posted, operators, manifests, logger } = this.#deps;
    const ours = new Set(operators.keys());
    await followPosted(
      posted,
      {
        manifests,
        logger,
        isOurs: (operatorId) => ours.has(operatorId),
        begin: (definition) => this.#change(definition, signal),
        end: (operatorId) => this.#end(operatorId),
      },
      signal,
    );
    await Promise.all([...this.#services.values()].map(({ taking }) => taking));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { held } of this.#services.values()) await held[Symbol.asyncDispose]();
  }

  async #change(definition: OperatorDefinition, signal: AbortSignal): Promise<void> {
    const { registered, form } = this.#deps;
    const { id } = definition.manifest;
    const before = this.#services.get(id);
    this.#services.set(id, await this.#begin(serveOperator(definition, form), signal));
    await endService(before);
    registered.tell();
  }

  async #begin(operator: ServedOperator, signal: AbortSignal): Promise<Service> {
    const { operators, intake } = this.#deps;
    const { id } = operator.definition.manifest;
    await using starting = new AsyncDisposableStack();
    starting.use(await intake.prepare(id, signal));
    for (const answering of await intake.answer(operator, signal)) starting.use(answering);
    signal.throwIfAborted(); // nobody would end it any more
    operators.set(id, operator);
    const stop = new AbortController();
    return { stop, taking: intake.take(id, AbortSignal.any([signal, stop.signal])), held: starting.move() };
  }

  async #end(operatorId: OperatorId): Promise<void> {
    const { operators, registered } = this.#deps;
    const service = this.#services.get(operatorId);
    this.#services.delete(operatorId);
    operators.delete(operatorId);
    await endService(service);
    await registered.forget(operatorId).catch(() => {}); // gone by itself after a while
  }
}

async function endService(service: Service | undefined): Promise<void> {
  service?.stop.abort();
  await service?.taking;
  await service?.held[Symbol.asyncDispose]();
}
