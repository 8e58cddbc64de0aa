/**
 * How the command ends. 2 is for what was typed: flags, arguments, input. 3 is for what was found: environment, operator files, the database, the
 * broker, an address that is taken. The page docs/errors.md says the same for people. Imports nothing: `openvibe --version` loads it.
 */
export const ExitCode = { Ok: 0, Failed: 1, Usage: 2, Config: 3, Connect: 4, Auth: 5, NotFound: 6, TimedOut: 7, Interrupted: 130 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
