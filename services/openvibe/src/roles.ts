/** What a process can do. An all-in-one process does all four. */
export const ROLES = ["gateway", "worker", "event-relay", "scheduler"] as const;
export type Role = (typeof ROLES)[number];
