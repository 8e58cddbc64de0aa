/** Types of the client's calls, worked out of the generated `paths`. */
import type { FetchOptions, MaybeOptionalInit } from "openapi-fetch";
import type { paths } from "./api.ts";

export type Method = "get" | "put" | "post" | "patch" | "delete";

/** Addresses that know the method. */
type PathsOf<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths];

type Good = 200 | 201 | 202 | 204;
type BodyOf<R> = R extends { content: infer C } ? (C extends object ? C[keyof C] : undefined) : undefined;
type DataOf<O> = O extends { responses: infer R } ? { [S in keyof R]: S extends Good ? BodyOf<R[S]> : never }[keyof R] : never;
/** 304 comes to those only who say what they know. */
type UnlessKnown<I> = I extends { readonly params: { readonly header: { readonly "If-None-Match": string } } } ? undefined : never;

export interface Answer<T> {
  /** The body; `undefined` where there is none (204, 304). */
  readonly data: T;
  /** For its status and headers; the body has been read. */
  readonly response: Response;
}

/** @throws ProblemError for every answer from 400 on; TypeError (fetch's own) when nobody answers */
export type Call<M extends Method> = <P extends PathsOf<M>, I extends MaybeOptionalInit<paths[P], M>>(
  path: P,
  ...init: object extends I ? [init?: I] : [init: I]
) => Promise<Answer<DataOf<paths[P][M]> | UnlessKnown<I>>>;

/** What a request to an address made at run time may hold. */
export type RequestInitOf = Pick<FetchOptions<unknown>, "headers" | "signal"> & { readonly body?: unknown };
