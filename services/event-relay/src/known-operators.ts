import { didYouMean, isOpenVibeError, nearestNames, OpenVibeError, type OperatorId } from "@openvibe/core";
import type { Caller } from "@openvibe/http";
import type { ManifestStore } from "@openvibe/store";

const MOST_KEPT = 10_000;

/** Who asks for the events of an operator that there is not has misspelt it, and would wait for ever. */
export class KnownOperators {
  readonly #manifests: Pick<ManifestStore, "list">;
  #seen = new Set<OperatorId>();

  constructor(manifests: Pick<ManifestStore, "list">) {
    this.#manifests = manifests;
  }

  /** One that was seen once needs no second look. While the store is away all are let in. @throws OpenVibeError OV_OPERATOR_NOT_FOUND */
  async assertKnown(operatorId: OperatorId, { operators }: Pick<Caller, "operators">): Promise<void> {
    if (this.#seen.has(operatorId)) return;
    const ids = await this.#readIds();
    if (ids === undefined) return;
    if (!ids.includes(operatorId)) throw notFound(operatorId, operators === undefined ? ids : ids.filter((id) => operators.has(id)));
    if (this.#seen.size >= MOST_KEPT) this.#seen = new Set();
    this.#seen.add(operatorId);
  }

  async #readIds(): Promise<readonly OperatorId[] | undefined> {
    try {
      const ids: OperatorId[] = [];
      for (const { manifest } of await this.#manifests.list(({ operatorId }) => ids.push(operatorId))) ids.push(manifest.id);
      return ids;
    } catch (error) {
      if (isOpenVibeError(error, "OV_STORE_UNAVAILABLE")) return undefined; // an error status would end an EventSource for good
      throw error;
    }
  }
}

function notFound(operatorId: OperatorId, ids: readonly OperatorId[]): OpenVibeError {
  const nearest = nearestNames(operatorId, ids);
  return new OpenVibeError("OV_OPERATOR_NOT_FOUND", `there is no operator ${operatorId}${didYouMean(nearest)}`, {
    extra: { did_you_mean: nearest },
  });
}
