import type { OperatorId, OperatorManifest } from "@openvibe/core";

export interface StoredManifest {
  readonly version: string;
  readonly manifest: OperatorManifest;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
}

/** Operators as data, so that any gateway accepts a run for them. All versions are kept; the one registered last is current. */
export interface ManifestStore {
  /** Makes this version the current one; the same version again changes nothing but its time. */
  register(manifest: OperatorManifest, version: string): Promise<void>;
  /** The current version of every operator, by id. */
  list(): Promise<readonly StoredManifest[]>;
  find(operatorId: OperatorId): Promise<StoredManifest | undefined>;
}
