import type { OperatorId, OperatorManifest } from "@openvibe/core";

export interface StoredManifest {
  readonly version: string;
  readonly manifest: OperatorManifest;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  /** It came over HTTP, and no code defines it: the store keeps what it is made of. */
  readonly posted: boolean;
}

/** What a posted operator is made of. */
export interface PostedSource {
  readonly operatorId: OperatorId;
  readonly version: string;
  readonly source: string;
}

/** `open`: how many runs have not ended, where that keeps the operator. */
export type RemovedOperator = { readonly removed: true } | { readonly removed: false; readonly open: number };

export interface UnreadableManifest {
  readonly operatorId: OperatorId;
  readonly version: string;
  readonly fault: string;
}

/** Operators as data, so that any gateway accepts a run for them. The version registered last is current; older ones stay as long as runs of theirs do. */
export interface ManifestStore {
  /** Makes this version the current one; the same version again changes nothing but its time. `source`: what a posted one is made of. */
  register(manifest: OperatorManifest, version: string, source?: string): Promise<void>;
  /** The current version of every operator, by id. What cannot be read (of another OpenVibe, for one) is left out and told. */
  list(onUnreadable?: (found: UnreadableManifest) => void): Promise<readonly StoredManifest[]>;
  /** `undefined` also where it cannot be read. */
  find(operatorId: OperatorId): Promise<StoredManifest | undefined>;
  /** A version, current or not. `undefined` also where it cannot be read. */
  findVersion(operatorId: OperatorId, version: string): Promise<StoredManifest | undefined>;
  /** What the posted operators are made of, those whose current version was posted. */
  listPosted(): Promise<readonly PostedSource[]>;
  /** Takes all versions of an operator away, unless a run of it has not ended. */
  remove(operatorId: OperatorId): Promise<RemovedOperator>;
}
