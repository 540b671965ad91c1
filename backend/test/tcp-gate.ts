import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'

export type TcpGate = Awaited<ReturnType<typeof startTcpGate>>

/** A way to a server that can be shut: then what is open breaks off, and nothing new gets through. */
export async function startTcpGate(target: { host: string; port: number }) {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
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
    near.pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const shut = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    port,
    shut,
    open: async () => {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    stop: shut,
  }
}
