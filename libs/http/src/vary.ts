import type { FastifyReply } from "fastify";

/** Adds a name to `Vary`: the answer depends on that request header, which caches must heed. */
export function addVary(reply: FastifyReply, name: string): void {
  const before = reply.getHeader("vary");
  reply.header("vary", before === undefined ? name : `${String(before)}, ${name}`);
}
