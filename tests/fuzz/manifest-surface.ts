/** Manifests as they may lie in the store, written by another version of OpenVibe: the other operators are served all the same. */
import type { JsonObject, JsonValue } from "@openvibe/core";
import type { Maker } from "./maker.ts";
import { ANSWER_WITHIN_MS, type Surface, showsInsides } from "./surface.ts";

export const manifestSurface: Surface = {
  name: "manifests in the store",
  weight: 2,
  async attempt(make, { client, postgres }) {
    const id = `odd_${make.seed.toString(36)}`;
    const text = await textOf(make, id, async () => (await client.call("GET", "/v1/operators/fuzz")).body);
    const sent = text.slice(0, 1_500);
    await postgres.query("INSERT INTO openvibe.manifests (operator_id, version, manifest, registered_at) VALUES ($1, $2, $3, 1)", [
      id,
      "v",
      text,
    ]);
    const ask = async (method: string, path: string, body?: JsonValue) => {
      const response = await fetch(`${client.url}${path}`, {
        method,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      });
      const said = await response.text();
      return response.status >= 500 || showsInsides(said)
        ? `${method} ${path} answered ${response.status}: ${said.slice(0, 600)}`
        : undefined;
    };
    try {
      const faults = [
        await ask("GET", `/v1/operators/${id}`),
        await ask("POST", `/v1/operators/${id}/activate`, { trigger: "shape", input: { number: 1 } }),
        await ask("GET", "/v1/operators"),
        await ask("POST", "/v1/operators/fuzz/activate", { trigger: "nap" }),
      ];
      const [fault] = faults.filter((one) => one !== undefined);
      return fault === undefined ? { sent } : { sent, fault };
    } finally {
      await postgres.query("DELETE FROM openvibe.manifests WHERE operator_id = $1", [id]);
    }
  },
};

async function textOf(make: Maker, id: string, real: () => Promise<JsonObject>): Promise<string> {
  const value = make.oneIn(8) ? make.json() : make.bend({ ...(await real()), id });
  const text = JSON.stringify(value).replaceAll("\\u0000", "");
  return make.oneIn(10) ? text.slice(0, make.between(0, text.length)) : text;
}
