/** Lines of a program that are neither blank nor a comment, imports included. Enough for files whose comments stand on lines of their own. */
export function linesOfCode(text: string): number {
  return text.split("\n").filter((line) => line.trim() !== "" && !/^\s*(\/\/|\/\*|\*)/.test(line)).length;
}
