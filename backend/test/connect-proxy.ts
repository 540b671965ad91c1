import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { KeyPair } from '@hub/demo'
import { parse, stringify } from 'yaml'

export type ConnectProxy = {
  /** `http://127.0.0.1:<port>`, or https. */
  origin: string
  /** What was asked for so far, as `host:port`. */
  asked: string[]
  /** How many tunnels are open now. */
  open: () => number
  /** Everything that went through, in both directions. */
  passed: () => string
  /** Other answers than the tunnel, while set: a whole response, or `silence`. */
  answers: { instead?: string }
  stop(): Promise<void>
}

/** A real HTTP proxy in this process: it opens tunnels (CONNECT) to any address and does nothing else. */
export async function startConnectProxy(
  options: { user?: string; password?: string; tls?: KeyPair } = {},
): Promise<ConnectProxy> {
  const { password = '', tls, user } = options
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const asked: string[] = []
  const passed: Buffer[] = []
  const sockets = new Set<Duplex>()
  const answers: ConnectProxy['answers'] = {}
  let tunnels = 0
  const keep = (socket: Duplex) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
  }
  const server: Server = tls
    ? createTlsServer({ cert: tls.certificate, key: tls.privateKey })
    : createServer()
  server.on('connection', keep)
  server.on('connect', (request: IncomingMessage, client: Socket, head: Buffer) => {
    asked.push(request.url ?? '')
    keep(client)
    if (answers.instead === 'silence') return
    if (answers.instead !== undefined) return client.end(answers.instead)
    if (user !== undefined && request.headers['proxy-authorization'] !== wanted) {
      return client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    }
    const url = new URL(`https://${request.url}`)
    const upstream = connect({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || 443),
    })
    keep(upstream)
    upstream.once('connect', () => {
      tunnels += 1
      upstream.once('close', () => {
        tunnels -= 1
        client.destroy()
      })
      client.once('close', () => upstream.destroy())
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.write(head)
      client.on('data', (chunk: Buffer) => passed.push(chunk))
      upstream.on('data', (chunk: Buffer) => passed.push(chunk))
      client.pipe(upstream).pipe(client)
    })
    upstream.once('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    open: () => tunnels,
    passed: () => Buffer.concat(passed).toString('latin1'),
    answers,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The same kubeconfig, by way of a proxy. */
export function withProxy(kubeconfig: string, proxyUrl: string): string {
  const config = parse(kubeconfig) as { clusters: { cluster: Record<string, string> }[] }
  config.clusters[0]!.cluster['proxy-url'] = proxyUrl
  return stringify(config)
}
