/** How a server was found. */
export const FoundBy = { Environment: "environment", Path: "path", Go: "go", Package: "package", Docker: "docker" } as const;
export type FoundBy = (typeof FoundBy)[keyof typeof FoundBy];

/** What a way gave, or in a few words why it gave nothing. */
export type Attempt<T> = { readonly found: T } | { readonly missing: string };

/** One way to come by a server. */
export interface Way<T> {
  readonly name: string;
  find(): Promise<Attempt<T>>;
}

/** Tries the ways in order and gives what the first one finds. @throws an error of one line that names all of them */
export async function firstWay<T>(wanted: string, advice: string, ways: readonly Way<T>[]): Promise<T> {
  const misses: string[] = [];
  for (const way of ways) {
    const attempt = await way.find();
    if ("found" in attempt) return attempt.found;
    misses.push(`${way.name} (${attempt.missing})`);
  }
  throw new Error(`no ${wanted} on this machine; tried ${misses.join(", ")}. ${advice}`.replaceAll(/\s*\n\s*/g, " "));
}
