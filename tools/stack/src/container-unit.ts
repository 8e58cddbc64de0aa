import type { ContainerRuntimeClient } from "testcontainers";
import { getDocker, reaperLabels } from "./docker.ts";
import type { KeptUnit, Unit } from "./unit.ts";

type Container = ReturnType<ContainerRuntimeClient["container"]["getById"]>;

export interface ContainerUnitOptions {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly environment?: Record<string, string>;
  readonly ports: readonly { readonly inside: number; readonly host: number }[];
  readonly networkId?: string;
  /** It shall outlive this process: without it testcontainers' reaper removes the container when we are gone. */
  readonly outlive: boolean;
}

/** The address under which a container's published ports are reached: 127.0.0.1, but for a daemon that is elsewhere. */
export function dockerHost(docker: ContainerRuntimeClient): string {
  const { host } = docker.info.containerRuntime;
  return host === "localhost" ? "127.0.0.1" : host;
}

/** Creates the container, with its image pulled; `launch` starts it. */
export async function createContainerUnit(options: ContainerUnitOptions): Promise<ContainerUnit> {
  const { name, image, command, environment = {}, ports, networkId, outlive } = options;
  const docker = await getDocker();
  const { ImageName } = await import("testcontainers");
  await docker.image.pull(ImageName.fromString(image));
  const host = dockerHost(docker);
  const binding = (port: number) => [{ HostIp: host === "127.0.0.1" ? host : "", HostPort: String(port) }];
  const container = await docker.container.create({
    name,
    Image: image,
    Tty: true, // its log is then plain text, without the frames that tell stdout from stderr
    Cmd: [...command],
    Env: Object.entries(environment).map(([key, value]) => `${key}=${value}`),
    Labels: outlive ? {} : await reaperLabels(docker),
    ExposedPorts: Object.fromEntries(ports.map(({ inside }) => [`${inside}/tcp`, {}])),
    HostConfig: {
      PortBindings: Object.fromEntries(ports.map((port) => [`${port.inside}/tcp`, binding(port.host)])),
      ...(networkId === undefined ? {} : { NetworkMode: networkId }),
    },
  });
  return new ContainerUnit(container);
}

/** A server in a container: killed and started again it keeps its data and its published ports. */
export class ContainerUnit implements Unit {
  readonly pid = undefined;
  readonly #container: Container;
  #removed = false;

  constructor(container: Container) {
    this.#container = container;
  }

  async launch(): Promise<void> {
    if (!(await this.isRunning())) await this.#container.start();
  }

  async isRunning(): Promise<boolean> {
    return (await this.#container.inspect()).State.Running;
  }

  async lastWords(): Promise<string> {
    const log = await this.#container.logs({ stdout: true, stderr: true, tail: 8 });
    return log.toString("utf8").trim().split(/\r?\n/).join(" | ");
  }

  async end(signal: NodeJS.Signals, graceMs = 10_000): Promise<void> {
    if (!(await this.isRunning())) return;
    const gone = this.#container.wait();
    await this.#container.kill({ signal });
    const impatience = setTimeout(() => void this.#container.kill({ signal: "SIGKILL" }).catch(() => {}), graceMs);
    await gone;
    clearTimeout(impatience);
  }

  async remove(): Promise<void> {
    if (this.#removed) return;
    this.#removed = true;
    await this.#container.remove({ force: true, v: true });
  }

  async keep(): Promise<KeptUnit> {
    return { type: "container", id: this.#container.id };
  }
}
