import { createSecureServer, type Settings } from 'node:http2'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createCertificateAuthority,
  issueServerCertificate,
  prepareStop,
  type KeyPair,
} from '@hub/demo'
import { createAnonymousCredential, type ClusterCredential } from '#kube'

export type TestServer = {
  credential: ClusterCredential
  server: Server
  /** TLS connections accepted so far. */
  connections: () => number
  stop: () => Promise<void>
}

/** An https server for tests of the wire itself: what a real API server would never answer. */
export async function startTestServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  options: {
    dnsNames?: string[]
    authority?: KeyPair
    /** Speaks HTTP/2 with whoever does, as API servers do, with these settings. Default: HTTP/1.1 alone. */
    http2?: Settings
  } = {},
): Promise<TestServer> {
  const authority = options.authority ?? (await createCertificateAuthority('test'))
  const serving = await issueServerCertificate(authority, { dnsNames: options.dnsNames ?? [] })
  const tls = { cert: serving.certificate, key: serving.privateKey }
  // As kube-apiserver: one that closes what is idle for a moment breaks what is sent to it on a slow machine.
  const http1Options = { keepAliveTimeout: 90_000 }
  const server = options.http2
    ? (createSecureServer({
        ...tls,
        allowHTTP1: true,
        http1Options,
        settings: options.http2,
      }) as unknown as Server)
    : createServer({ ...tls, ...http1Options })
  server.on('request', handle)
  const stop = prepareStop(server)
  let connections = 0
  server.on('secureConnection', () => (connections += 1))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    server,
    credential: {
      ...createAnonymousCredential(`https://127.0.0.1:${(server.address() as AddressInfo).port}`),
      ca: authority.certificate,
      token: 's3cret-token',
    },
    connections: () => connections,
    stop,
  }
}
