/** A version as server programs print it. `preRelease` is what makes `2.12.6-RC.1` older than `2.12.6`. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly preRelease?: string;
}

const VERSION = /(?:^|[\s:v])(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([\w.]+)|((?:alpha|beta|rc)\d*))?(?=$|[\s+)])/i;

/** Finds the version in what `nats-server --version` or `postgres --version` print; a part that is not there counts as 0. */
export function findVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  const [, major, minor = "0", patch = "0", suffix, glued] = match;
  const preRelease = suffix ?? glued;
  return { major: Number(major), minor: Number(minor), patch: Number(patch), ...(preRelease === undefined ? {} : { preRelease }) };
}

/** Finds the upstream version in a Debian one (`1:2.9.10-1+b3`): there a dash begins the packager's revision, not a pre-release. */
export function findDebianVersion(text: string): Version | undefined {
  const upstream = text.replace(/^\d+:/, "").replace(/-[^-]*$/, "");
  return findVersion(upstream.replace(/~/, "-"));
}

export function isAtLeast(version: Version, wanted: Version): boolean {
  const difference = version.major - wanted.major || version.minor - wanted.minor || version.patch - wanted.patch;
  return difference > 0 || (difference === 0 && (version.preRelease === undefined || wanted.preRelease !== undefined));
}

export function isSame(version: Version, wanted: Version): boolean {
  return isAtLeast(version, wanted) && isAtLeast(wanted, version);
}

export function formatVersion({ major, minor, patch, preRelease }: Version): string {
  return `${major}.${minor}.${patch}${preRelease === undefined ? "" : `-${preRelease}`}`;
}
