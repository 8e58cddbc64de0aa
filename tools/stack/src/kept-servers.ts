import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findDocker } from "./docker.ts";
import { endProcess, isAlive } from "./process-identity.ts";
import { isServerFolder, removeServerFolder } from "./process-unit.ts";
import type { KeptUnit } from "./unit.ts";
import type { FoundBy } from "./ways.ts";

/** A server or cluster that `stack up` left running. */
export interface KeptServer {
  readonly kind: "nats" | "postgres" | "redis";
  readonly urls: readonly string[];
  readonly version: string;
  readonly foundBy: FoundBy;
  /** Empty for a server that the environment gave. */
  readonly units: readonly KeptUnit[];
}

/** The record of it: a file of its own for each, so that two commands at once lose none. */
export interface KeptRecord {
  readonly file: string;
  readonly server: KeptServer;
}

/** Writes it down in that folder. */
export async function recordServer(folder: string, server: KeptServer): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${server.kind}-${randomBytes(6).toString("hex")}.json`), JSON.stringify(server, undefined, 2));
}

/** Reads what is written down, servers that died meanwhile too. */
export async function readRecords(folder: string): Promise<readonly KeptRecord[]> {
  const names = await readdir(folder).catch(() => []); // nothing was ever kept here
  const files = names
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => join(folder, name));
  return Promise.all(files.map(async (file) => ({ file, server: parseKeptServer(await readFile(file, "utf8"), file) })));
}

/** Says whether all its processes live. A server that the environment gave counts as running. */
export async function isRunning({ units }: KeptServer): Promise<boolean> {
  const alive = await Promise.all(units.map((unit) => (unit.type === "process" ? isAlive(unit) : isContainerRunning(unit.id))));
  return alive.every(Boolean);
}

/** Ends it, removes its data and forgets it. Processes that are not the recorded ones are left alone. */
export async function endKeptServer({ file, server }: KeptRecord): Promise<void> {
  await Promise.all(server.units.map(endUnit));
  await Promise.all([...networksOf(server)].map(removeNetwork));
  await rm(file, { force: true });
}

async function endUnit(unit: KeptUnit): Promise<void> {
  if (unit.type === "container") {
    const docker = await findDocker();
    await docker?.container.getById(unit.id).remove({ force: true, v: true }).catch(ignoreGone);
    return;
  }
  await endProcess(unit, unit.stopSignal, 10_000);
  await removeServerFolder(unit.folder);
}

function networksOf({ units }: KeptServer): ReadonlySet<string> {
  return new Set(units.flatMap((unit) => (unit.type === "container" && unit.networkId !== undefined ? [unit.networkId] : [])));
}

async function removeNetwork(id: string): Promise<void> {
  const docker = await findDocker();
  await docker?.network.getById(id).remove().catch(ignoreGone);
}

async function isContainerRunning(id: string): Promise<boolean> {
  const docker = await findDocker();
  try {
    return (await docker?.container.getById(id).inspect())?.State.Running === true;
  } catch {
    return false; // it is gone
  }
}

function ignoreGone(error: unknown): void {
  if (!(typeof error === "object" && error !== null && "statusCode" in error && error.statusCode === 404)) throw error;
}

/** Parses a record; what `stack down` acts upon is checked. @throws an error that names the file */
function parseKeptServer(text: string, file: string): KeptServer {
  const server = JSON.parse(text) as KeptServer;
  const units: readonly KeptUnit[] = Array.isArray(server.units) ? server.units : [];
  const sound = units.every((unit) =>
    unit.type === "process" ? Number.isInteger(unit.pid) && unit.pid > 1 && isServerFolder(unit.folder) : typeof unit.id === "string",
  );
  if (!sound || !Array.isArray(server.urls)) throw new Error(`${file} is no record of stack up: remove it`);
  return { ...server, units };
}
