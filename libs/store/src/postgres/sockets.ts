import { Socket } from "node:net";

/** What a pool's connections stand on: cut where the other end says nothing any more, which a connection itself would wait out. */
export class Sockets {
  readonly #open = new Set<Socket>();
  #isCut = false;

  /** Makes one for a connection that is about to be opened. */
  make(): Socket {
    const socket = new Socket();
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
    if (this.#isCut) setImmediate(() => socket.destroy()); // whoever makes a connection of it first listens to its end
    return socket;
  }

  /** Whoever waits for an answer learns that there is none, also whoever asks from now on. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#open) socket.destroy();
  }
}
