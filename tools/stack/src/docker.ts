import type { ContainerRuntimeClient } from "testcontainers";

/** Connects to the Docker daemon, wherever testcontainers finds one; nothing when none answers. */
export async function findDocker(): Promise<ContainerRuntimeClient | undefined> {
  const { getContainerRuntimeClient } = await import("testcontainers"); // 0.5 s to load, for the last way only
  try {
    return await getContainerRuntimeClient();
  } catch {
    return undefined; // no daemon: the caller says so
  }
}

/** The daemon, for something that was found there earlier. */
export async function getDocker(): Promise<ContainerRuntimeClient> {
  const docker = await findDocker();
  if (docker === undefined) throw new Error("the Docker daemon does not answer any more");
  return docker;
}

/** The label by which testcontainers' reaper removes what we leave behind when we die. */
export async function reaperLabels(docker: ContainerRuntimeClient): Promise<Record<string, string>> {
  const { getReaper, LABEL_TESTCONTAINERS_SESSION_ID } = await import("testcontainers");
  return { [LABEL_TESTCONTAINERS_SESSION_ID]: (await getReaper(docker)).sessionId };
}

/** Makes a network in which containers find each other by name. */
export async function createNetwork(name: string, { outlive }: { outlive: boolean }): Promise<{ id: string; remove(): Promise<void> }> {
  const docker = await getDocker();
  const labels = outlive ? {} : await reaperLabels(docker);
  const network = await docker.network.create({ Name: name, Driver: "bridge", Labels: labels });
  return { id: network.id, remove: () => docker.network.remove(network) };
}
