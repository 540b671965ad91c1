import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createCertificateAuthority, issueServerCertificate } from '@hub/demo'
import type { HostileKind, HostileReply } from './hostile-clusters.ts'

/** API servers that answer whatever is asked with more than anybody wants. */
const authority = await createCertificateAuthority('hostile')
const serving = await issueServerCertificate(authority, {})

process.on('message', (kind) => {
  void start(kind as HostileKind).then((kubeconfig) =>
    process.send?.({ kubeconfig } satisfies HostileReply),
  )
})
process.on('disconnect', () => process.exit(0))

async function start(kind: HostileKind): Promise<string> {
  const server = createServer(
    { cert: serving.certificate, key: serving.privateKey },
    (request, response) => answer(kind, request, response),
  )
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    clusters: [
      {
        name: 'c',
        cluster: {
          server: `https://127.0.0.1:${port}`,
          'certificate-authority-data': Buffer.from(authority.certificate).toString('base64'),
        },
      },
    ],
    users: [{ name: 'u', user: { token: 'a-benchmark-has-no-secrets' } }],
  })
}

const filler = 'x'.repeat(30_000)
const object = (name: string, version: number) => ({
  metadata: { name, namespace: 'team', uid: name, resourceVersion: String(version) },
  spec: { model: { id: 'a/b' } },
  status: { message: filler },
})
/** 15 MB. */
const items = Buffer.from(
  JSON.stringify(Array.from({ length: 500 }, (_, index) => object(`d${index}`, index))),
)
let pages = 0

function answer(kind: HostileKind, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url!, 'https://cluster')
  const isWatch = searchParams.has('watch')
  const isCollection =
    /\/(modeldeployments|inferenceproviderconfigs|pods|nodes|namespaces|resourceslices)$/.test(
      pathname,
    )
  response.on('error', () => {})
  response.writeHead(200, { 'content-type': 'application/json' })
  if (pathname === '/version') return end(response, { gitVersion: 'v1.36.0' })
  if (pathname === '/apis/airunway.ai/v1alpha1') {
    return end(response, { resources: [{ name: 'modeldeployments' }] })
  }
  if (pathname.endsWith('/kube-system')) return end(response, { metadata: { uid: kind } })
  if (isWatch) {
    if (kind === 'endless-watch') return pourEvents(response)
    return response.flushHeaders()
  }
  if (isCollection && kind === 'endless-list') {
    pages += 1
    response.write(`{"metadata":{"resourceVersion":"5","continue":"page-${pages}"},"items":`)
    response.write(items)
    response.end('}')
    return
  }
  end(response, { metadata: { resourceVersion: '5' }, items: [] })
}

function end(response: ServerResponse, body: object): void {
  response.end(JSON.stringify(body))
}

/** Ever the same object, so that nothing but the flood itself is too much. */
function pourEvents(response: ServerResponse): void {
  let version = 100
  const write = () => {
    while (!response.destroyed) {
      version += 1
      const line = `${JSON.stringify({ type: 'MODIFIED', object: object('d', version) })}\n`
      if (!response.write(line)) return void response.once('drain', write)
    }
  }
  write()
}
