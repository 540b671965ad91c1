import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'

export type TcpGate = Awaited<ReturnType<typeof startTcpGate>>

/**
 * A way to a server that can be shut: then what is open breaks off, and nothing new gets through. Or frozen: then it looks
 * open from both sides, and nothing gets through at all, as where a network loses every packet.
 */
export async function startTcpGate(target: { host: string; port: number }) {
  const sockets = new Set<Socket>()
  let isFrozen = false
  /** What arrived while it was frozen; what was lost stays lost. */
  const stuck = new Set<Socket>()
  const server = createServer((near) => {
    if (isFrozen) {
      near.pause().on('error', () => undefined)
      stuck.add(near)
      return
    }
    const far = connect(target)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (data) => isFrozen || far.write(data))
    far.on('data', (data) => isFrozen || near.write(data))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const shut = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of [...sockets, ...stuck]) socket.destroy()
    await closed
  }
  return {
    port,
    shut,
    freeze: () => void (isFrozen = true),
    /** What was opened before stays dead, and nobody is told. */
    thaw: () => {
      isFrozen = false
      for (const socket of sockets) {
        socket.removeAllListeners('data').pause()
        stuck.add(socket)
      }
    },
    open: async () => {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    stop: shut,
  }
}
