/** Reads a header that lists choices by preference (`Accept`, `Accept-Encoding`; RFC 9110 §12.4.2): choice -> `q`, from 0 (never) to 1. */
export function parseWeights(header: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const part of header.toLowerCase().split(",")) {
    const [choice = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    weights.set(choice, quality === undefined ? 1 : Number(quality.slice(2)));
  }
  return weights;
}
