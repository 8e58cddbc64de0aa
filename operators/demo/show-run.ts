/** Activates a run and prints what happens, as any HTTP client could. */
export async function showRun(url: string, operatorId: string, trigger: string, input: object): Promise<void> {
  const response = await fetch(`${url}/v1/operators/${operatorId}/activate`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ trigger, input }),
  });
  if (!response.ok) throw new Error(`the activation was answered with ${response.status}: ${await response.text()}`);
  const location = response.headers.get("location") ?? "";
  await printEvents(await fetch(`${url}${location}/stream`));
  const run = (await (await fetch(`${url}${location}`)).json()) as { run_id: string; status: string; output: object; metrics: object };
  process.stdout.write(
    `\nRun ${run.run_id}: ${run.status}\noutput ${JSON.stringify(run.output, null, 2)}\nmetrics ${JSON.stringify(run.metrics)}\n`,
  );
}

/** The stream ends after the run's last event. */
async function printEvents({ body }: Response): Promise<void> {
  let text = "";
  for await (const bytes of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += bytes;
    const frames = text.split("\n\n");
    text = frames.pop() ?? "";
    for (const frame of frames) printEvent(/^data: (.*)$/m.exec(frame)?.[1]);
  }
}

function printEvent(data: string | undefined): void {
  if (data === undefined) return;
  const event = JSON.parse(data) as { time?: string; type?: string; nodeid?: string; data?: Record<string, unknown> };
  if (event.type === undefined || event.type === "llm.delta") return;
  const note =
    event.type === "node.completed"
      ? `${String(event.data?.duration_ms)} ms${event.data?.tokens_in === undefined ? "" : `, ${String(event.data.tokens_in)} + ${String(event.data.tokens_out)} tokens`}`
      : "";
  process.stdout.write(
    `  ${event.time?.slice(11, 23)}  ${[event.type, event.nodeid ?? "", note].filter((part) => part !== "").join("  ")}\n`,
  );
}
