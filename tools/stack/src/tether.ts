import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import type { ProcessIdentity } from "./process-identity.ts";

// A shell that does nothing but read its standard input, which only we hold open. When that ends without the word "done", we are
// gone (exit, signal, SIGKILL: no difference), so it ends the process it was told last and removes the folder, where there is one.
const WATCHER = `
signal=$1; folder=$2; pid=0; born=
trap '' HUP INT TERM
while read -r first rest; do
  [ "$first" = done ] && exit 0
  pid=$first; born=$rest
done
born_now() {
  if [ -r /proc/self/stat ]; then
    line=
    read -r line 2>/dev/null <"/proc/$pid/stat" || return 0
    set -- \${line##*) }
    [ "$1" = Z ] || echo "\${20}"
  else
    ps -o lstart= -p "$pid" | sed 's/^ *//; s/ *$//'
  fi
}
if [ "$pid" != 0 ] && [ "$(born_now)" = "$born" ]; then
  kill -s "$signal" "$pid"
  tries=0
  while [ "$(born_now)" = "$born" ]; do
    tries=$((tries + 1))
    [ "$tries" -gt 100 ] && kill -s KILL "$pid"
    sleep 0.1
  done
fi
[ -z "$folder" ] || rm -rf "$folder"
`;

/** Ties a process, and a folder of its own, to the life of this process, even if this one dies by SIGKILL. */
export class Tether {
  readonly #watcher: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor({ folder = "", signal }: { folder?: string; signal: NodeJS.Signals }) {
    const args = ["-c", WATCHER, "openvibe-stack-watcher", signal.replace(/^SIG/, ""), folder];
    // In a session of its own: Ctrl-C in a terminal goes to the whole group, and the watcher must outlive us.
    this.#watcher = spawn("/bin/sh", args, { cwd: "/", detached: true, stdio: ["pipe", "ignore", "ignore"] });
    this.#exited = once(this.#watcher, "exit");
    this.#exited.catch(() => {}); // no shell: the server lives untied, which only a crash of ours would show
    this.#watcher.stdin?.on("error", () => {}); // somebody killed the watcher: same
    this.#watcher.unref();
    (this.#watcher.stdin as Socket | null)?.unref();
  }

  /** From here on this is the process to end. */
  hold({ pid, bornAt }: ProcessIdentity): void {
    this.#watcher.stdin?.write(`${pid} ${bornAt}\n`);
  }

  /** From here on our end touches neither process nor folder. */
  async release(): Promise<void> {
    if (this.#watcher.stdin?.writable !== true) return;
    this.#watcher.ref();
    this.#watcher.stdin.end("done\n");
    await this.#exited.catch(() => {});
  }
}
