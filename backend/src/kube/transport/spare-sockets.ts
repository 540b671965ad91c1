import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'

/** Connections that were made to find out what a server speaks, for whoever is the first to need one. */
export type SpareSockets = {
  /** Takes one of these, or connects. */
  connect: buildConnector.connector
  put(socket: Socket): void
  destroy(): void
}

export function createSpareSockets(
  connect: buildConnector.connector,
  idleMs: number,
): SpareSockets {
  const sockets = new Set<Socket>()
  const take = (): Socket | undefined => {
    const [socket] = sockets
    if (socket) sockets.delete(socket)
    return socket?.destroyed ? take() : socket?.setTimeout(0)
  }
  return {
    connect: (target, done) => {
      const socket = take()
      // undici goes on only with a connection that comes later than it is asked for.
      if (socket) queueMicrotask(() => done(null, socket))
      else connect(target, done)
    },
    put: (socket) => {
      sockets.add(socket)
      socket.setTimeout(idleMs, () => sockets.delete(socket) && socket.destroy())
    },
    destroy: () => {
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    },
  }
}
