import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import type { KeyPair } from '@hub/demo'

export type Balancer = Awaited<ReturnType<typeof startBalancer>>

/**
 * What stands before replicas: it ends TLS, gives each request to the next one, says in `X-Forwarded-*` where it came
 * from, and asks another replica where one does not answer. Nobody is sent to the same one twice in a row.
 */
export async function startBalancer(options: { tls: KeyPair; replicas: readonly string[] }) {
  const sockets = new Set<Socket>()
  const served = new Map<string, number>(options.replicas.map((url) => [url, 0]))
  let turns = 0
  const server = createServer(
    { cert: options.tls.certificate, key: options.tls.privateKey },
    (incoming, answer) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => forward(options.replicas.length))
      const forward = (attempts: number) => {
        const replica = options.replicas[(turns += 1) % options.replicas.length]!
        const upstream = request(`${replica}${incoming.url}`, {
          method: incoming.method,
          headers: {
            ...incoming.headers,
            'x-forwarded-for': incoming.socket.remoteAddress,
            'x-forwarded-proto': 'https',
            'x-forwarded-host': incoming.headers.host,
          },
        })
        upstream.on('response', (response) => {
          served.set(replica, served.get(replica)! + 1)
          answer.writeHead(response.statusCode!, { ...response.headers, 'x-served-by': replica })
          response.on('error', () => answer.destroy())
          response.pipe(answer)
        })
        upstream.on('error', () => {
          if (answer.headersSent) answer.destroy()
          else if (attempts > 1) forward(attempts - 1)
          else answer.writeHead(502).end()
        })
        answer.on('close', () => upstream.destroy())
        upstream.end(Buffer.concat(chunks))
      }
    },
  )
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    origin: `https://localhost:${port}`,
    /** How many requests each replica has answered. */
    served,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
