import { once } from 'node:events'
import { Agent, get, request } from 'node:http'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import type { KeyPair } from '@hub/demo'

const probeEveryMs = 200
const probeTimeoutMs = 10_000

/**
 * What stands before replicas: it ends TLS, gives each request to the next one, says in `X-Forwarded-*` where it came
 * from, and asks another replica where one does not answer. Nobody is sent to the same one twice in a row. With `probes` it
 * asks their readiness instead, sends nothing to one that is not ready, and tries no request twice.
 */
export async function startBalancer(options: {
  tls: KeyPair
  replicas: readonly string[]
  probes?: boolean
}) {
  const agent = new Agent({ keepAlive: true })
  const ready = new Set<string>(options.probes ? [] : options.replicas)
  const probe = (replica: string) => {
    get(`${replica}/readyz`, { agent: false, timeout: probeTimeoutMs }, (answer) => {
      answer.resume()
      if (answer.statusCode === 200) ready.add(replica)
      else ready.delete(replica)
    }).on('error', () => ready.delete(replica))
  }
  const probing = setInterval(() => {
    if (options.probes) for (const replica of options.replicas) probe(replica)
  }, probeEveryMs)
  const sockets = new Set<Socket>()
  const served = new Map<string, number>(options.replicas.map((url) => [url, 0]))
  let turns = 0
  const server = createServer(
    { cert: options.tls.certificate, key: options.tls.privateKey },
    (incoming, answer) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => forward(options.probes ? 1 : options.replicas.length))
      const forward = (attempts: number) => {
        const candidates = options.replicas.filter((each) => ready.has(each))
        const replica = candidates[(turns += 1) % candidates.length]
        if (replica === undefined) return answer.writeHead(502).end('no replica is ready')
        const upstream = request(`${replica}${incoming.url}`, {
          agent,
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
        upstream.on('error', (error: NodeJS.ErrnoException) => {
          if (answer.headersSent) answer.destroy()
          else if (attempts > 1) forward(attempts - 1)
          else answer.writeHead(502).end(`the replica did not answer: ${error.code}`)
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
    /** Those that requests are sent to. */
    ready,
    stop: async () => {
      clearInterval(probing)
      agent.destroy()
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
