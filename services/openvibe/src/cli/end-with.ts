/** Writes a last text, and ends the process: an operator's file that was loaded may have opened what would keep it alive. */
export async function endWith(stream: NodeJS.WriteStream, text: string): Promise<never> {
  await new Promise<void>((resolve) => stream.write(text, () => resolve()));
  process.exit();
}
