export { type GuardedPost, guardedPost, type PostFailure, type PostResult } from "./guarded-post.ts";
export { createTargetGuard, LOOPBACK_TARGETS, type TargetGuard } from "./target-guard.ts";
