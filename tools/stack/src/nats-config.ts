/** What a nats-server is told. Addresses are those it binds, which in a container are not those its clients use. */
export interface NatsConfig {
  readonly name: string;
  readonly listen: string;
  readonly monitor: string;
  readonly storeFolder: string;
  readonly syncAlways: boolean;
  readonly cluster?: { readonly listen: string; readonly routes: readonly string[]; readonly advertise?: string };
  readonly extraConfig: string;
}

/** Writes the configuration file: https://docs.nats.io/running-a-nats-service/configuration */
export function toNatsConfigText({ name, listen, monitor, storeFolder, syncAlways, cluster, extraConfig }: NatsConfig): string {
  const text = (value: string) => JSON.stringify(value);
  const lines = [
    `server_name: ${text(name)}`,
    `listen: ${text(listen)}`,
    `http: ${text(monitor)}`,
    "jetstream {",
    `  store_dir: ${text(storeFolder)}`,
    ...(syncAlways ? ["  sync_interval: always"] : []),
    "}",
  ];
  if (cluster !== undefined) {
    const routes = cluster.routes.map(text).join(", ");
    lines.push("cluster {", "  name: openvibe_test", `  listen: ${text(cluster.listen)}`, `  routes: [${routes}]`, "}");
    if (cluster.advertise !== undefined) lines.push(`client_advertise: ${text(cluster.advertise)}`);
  }
  return [...lines, extraConfig, ""].join("\n");
}
