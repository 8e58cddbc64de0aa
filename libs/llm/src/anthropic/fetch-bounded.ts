/** The body of an error is a sentence; more of it is not read, and not waited for longer than this. */
const MAX_ERROR_BYTES = 64 * 1024;
const MAX_ERROR_MS = 5_000;
const NO_BODY = new Set([204, 205, 304]);

/**
 * `fetch` for the SDK, which reads the body of an error whole, however long it takes: it gets the beginning only. Other answers pass as
 * they are.
 */
export async function fetchBounded(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.ok || response.body === null) return response;
  const text = await readBeginning(response.body);
  return new Response(NO_BODY.has(response.status) ? null : text, { status: response.status, headers: response.headers });
}

async function readBeginning(body: ReadableStream<Uint8Array>): Promise<Buffer<ArrayBuffer>> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const cancel = () => reader.cancel().catch(() => {}); // destroys the socket; what breaks now is no news
  const late = setTimeout(() => void cancel(), MAX_ERROR_MS);
  try {
    while (bytes <= MAX_ERROR_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      bytes += value.byteLength;
    }
  } catch {
    // the status says enough: a body that breaks off does not change it
  } finally {
    clearTimeout(late);
    void cancel();
  }
  return Buffer.concat(chunks).subarray(0, MAX_ERROR_BYTES);
}
