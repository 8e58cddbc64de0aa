/**
 * What the compiler can see of a decorated method: its own types. A method gets no types from its decorator, so its state is annotated
 * (`state: Hello`), and words in what it returns are texts to the compiler: which texts are allowed is checked at load, or when the method ran.
 */
import type { Control, Duration, NodeContext, Patch } from "@openvibe/core";

/** The state in a class of state fields: all but its methods. */
export type FieldsOf<S> = { [K in keyof S as S[K] extends (...args: never[]) => unknown ? never : K]: S[K] };

/** What the compiler makes of a value that nobody told which type is wanted: `"a" | "b"` becomes `string`. */
type Widened<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends boolean
      ? boolean
      : T extends readonly (infer E)[]
        ? readonly Widened<E>[]
        : T extends object
          ? { readonly [K in keyof T]: Widened<T[K]> }
          : T;

/** Fields to change of the state `S`; anything where the method names no state. */
export type MethodPatch<S> = [S] extends [never] ? Patch : { readonly [K in keyof FieldsOf<S>]?: Widened<FieldsOf<S>[K]> | undefined };

type KeysOfUnion<R> = R extends R ? keyof R : never;
type PatchIn<R> = R extends Control<infer P> ? P : R;

/** Refuses keys that are neither a field nor one of `Other`. */
export type OnlyFields<R, S, Other extends PropertyKey = never> = [S] extends [never]
  ? unknown
  : [Exclude<KeysOfUnion<PatchIn<R>>, keyof FieldsOf<S> | Other>] extends [never]
    ? unknown
    : { readonly error: `"${Exclude<KeysOfUnion<PatchIn<R>>, keyof FieldsOf<S> | Other> & string}" is not a field of the state` };

/** Refuses names in a decorator's options that are no field of the method's state. */
export type OnlyNames<Names, S> = [S] extends [never]
  ? unknown
  : [Exclude<Names, keyof FieldsOf<S>>] extends [never]
    ? unknown
    : { readonly error: `"${Exclude<Names, keyof FieldsOf<S>> & string}" is not a field of the state` };

/** `S` is `never` where the method takes no state. */
export type StepFunction<S, R> = (state: S, ctx: NodeContext) => R | Promise<R>;

export interface WhenMethod {
  /** Whether the step is run: `false` goes straight on. Of the state alone, for it is asked again after a crash. */
  readonly when?: (state: never) => boolean;
}

/** What a node may return beside its fields: time to pass before the next step. */
export interface Pause {
  readonly waitDuration?: Duration | string;
}
