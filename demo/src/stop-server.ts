import type { Server, Socket } from 'node:net'

/**
 * What ends a server with every connection to it. They are known from their first byte on: one that is still agreeing on TLS
 * is none of those that Node closes, and would keep the server open once it has.
 */
export function prepareStop(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
}
