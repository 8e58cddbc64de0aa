import { findCodePlace, type Logger } from "@openvibe/core";

/**
 * An author's code that leaves a promise behind which fails ends nothing: it is told, with the node. Without this Node would end the process, and
 * every run in its hands would start its step anew elsewhere. What is not an author's still ends it.
 */
export function outliveStrayRejections(logger: Logger): void {
  process.on("unhandledRejection", (reason) => {
    const place = findCodePlace();
    if (place === undefined) throw reason;
    logger.error({ ...place, err: reason }, "a node left a promise behind that failed; nobody awaits it");
  });
}
