import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { KeyPair } from '../certificates.ts'

/** What happens to new connections: `ignore` never reads them, `stall` reads and never answers. */
export type ConnectionMode = 'serve' | 'refuse' | 'ignore' | 'stall'

export type Listener = {
  readonly port: number
  setMode(mode: ConnectionMode): Promise<void>
  close(): Promise<void>
}

/** HTTP/2 or HTTP/1.1 over TLS, as the client likes, on a loopback port that can misbehave before the first byte. */
export async function startListener(options: {
  serving: KeyPair
  authority: KeyPair
  port: number
  handle: (request: IncomingMessage, response: ServerResponse) => void
}): Promise<Listener> {
  // It never listens itself: it is given the connections that may be served.
  const tls = createSecureServer({
    cert: options.serving.certificate,
    key: options.serving.privateKey,
    ca: options.authority.certificate,
    requestCert: true,
    rejectUnauthorized: false, // a wrong certificate is answered with 401, as Kubernetes does
    allowHTTP1: true,
    http1Options: { keepAliveTimeout: 90_000 },
  })
  // Node gives requests over HTTP/2 the shape of the others.
  tls.on('request', (request, response) =>
    options.handle(request as unknown as IncomingMessage, response as unknown as ServerResponse),
  )
  let mode: ConnectionMode = 'serve'
  const sockets = new Set<Socket>()
  const held = new Set<Socket>()
  const accept = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      held.delete(socket)
    })
    if (mode === 'serve') {
      tls.emit('connection', socket)
      return
    }
    held.add(socket)
    socket.on('error', () => {})
    if (mode === 'stall') socket.resume()
  }
  let server = await listen(options.port, accept)
  const { port } = server.address() as AddressInfo

  return {
    port,
    setMode: async (next) => {
      const was = mode
      mode = next
      // What was never answered would never be: its clients have to connect again.
      for (const socket of held) socket.destroy()
      if (next === 'refuse' && was !== 'refuse') await close(server, sockets)
      else if (next !== 'refuse' && was === 'refuse') server = await listen(port, accept)
    },
    close: () => close(server, sockets),
  }
}

function listen(port: number, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ pauseOnConnect: true, noDelay: true }, accept)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject)
      resolve(server)
    })
  })
}

function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const socket of sockets) socket.destroy()
  })
}
