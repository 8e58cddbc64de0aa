/**
 * Whether a text may hold decorators: an `@` where one can stand. At the beginning of a line, before a class that is a value, or behind a brace; not in
 * a line of a documenting comment. A text that only looks so is lowered for nothing, which changes nothing in it.
 */
const DECORATOR = /^[ \t]*(?:export[ \t]+(?:default[ \t]+)?)?@[A-Za-z_$(]|[=(,:?][ \t\n]*@[A-Za-z_$(]|[{};)][ \t]+@[A-Za-z_$(]/m;

export function mayHaveDecorators(text: string): boolean {
  return text.includes("@") && DECORATOR.test(text);
}

/** Files that are a program's own, and that Node takes for modules. What is installed was built by whoever published it. */
export function isSource(path: string): boolean {
  return /\.m?[jt]s$/.test(path) && !/[\\/]node_modules[\\/]/.test(path);
}
