import type { IncomingHttpHeaders } from 'node:http'
import { createSecureServer } from 'node:http2'
import { Agent, request as send } from 'node:https'
import type { AddressInfo } from 'node:net'
import {
  createCertificateAuthority,
  createKubeClient,
  issueServerCertificate,
  startApiServer,
} from '@hub/demo'
import type { RotationReply, RotationRequest } from './rotation.ts'

const firstUses: Record<string, number> = {}

process.on('message', (message) => {
  const request = message as RotationRequest
  const reply: Promise<RotationReply> =
    request.type === 'start' ? start() : Promise.resolve({ type: 'taken', firstUses })
  void reply.then((value) => process.send?.(value))
})
process.on('disconnect', () => process.exit(0))

async function start(): Promise<RotationReply> {
  const cluster = await startApiServer()
  const kubeconfig = cluster.kubeconfig('service-account-token')
  const admin = createKubeClient(cluster.kubeconfig('client-certificate'))
  await admin.request('POST', '/api/v1/namespaces', {
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } },
  })
  const token = /token: (\S+)/.exec(kubeconfig)![1]!
  const target = new URL(cluster.url)
  const agent = new Agent({ keepAlive: true, ca: cluster.caCertificate })
  const authority = await createCertificateAuthority('rotation')
  const serving = await issueServerCertificate(authority, { commonName: 'rotation' })

  const door = createSecureServer(
    { cert: serving.certificate, key: serving.privateKey, allowHTTP1: true },
    (incoming, response) => {
      const credential = /^Bearer (v\d+-\d+)$/.exec(incoming.headers.authorization ?? '')?.[1]
      if (credential === undefined) {
        response.writeHead(401).end()
        return
      }
      firstUses[credential] ??= Date.now()
      const headers = withoutConnection(incoming.headers)
      const outgoing = send(
        {
          agent,
          host: target.hostname,
          port: target.port,
          method: incoming.method,
          path: incoming.url,
          headers: { ...headers, authorization: `Bearer ${token}` },
        },
        (answer) => {
          // A watch may say nothing for long: its head goes out at once.
          response.writeHead(answer.statusCode!, withoutConnection(answer.headers))
          ;(response as { flushHeaders?(): void }).flushHeaders?.()
          answer.pipe(response)
        },
      )
      outgoing.on('error', () => response.destroy())
      response.on('close', () => void outgoing.destroy())
      incoming.pipe(outgoing)
    },
  )
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  return {
    type: 'started',
    url: `https://127.0.0.1:${(door.address() as AddressInfo).port}`,
    ca: authority.certificate,
  }
}

/** What belongs to a connection, of either version of HTTP, is not passed on. */
function withoutConnection(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const own = /^(?::.*|connection|host|keep-alive|transfer-encoding)$/
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.test(name)))
}
