import type { TLSSocket } from 'node:tls'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createCertificateAuthority, issueAuthority } from '@hub/demo'
import { expect, onTestFinished, test } from 'vitest'
import { startTestServer } from '../../../test/https-server.ts'
import { kubePath } from '../kube-path.ts'
import { createTransport } from './create-transport.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test('a further connection goes on with the TLS session of the one before, however long ago', async () => {
  const { credential, server, stop } = await startTestServer((_, response) => response.end('{}'))
  const resumed: boolean[] = []
  server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()))
  const transport = createTransport(credential, {
    version: 'test',
    addresses: { allowLoopback: true },
  })
  onTestFinished(async () => {
    await transport.close()
    await stop()
  })
  const ask = () => transport.request({ method: 'GET', path: kubePath('api', 'v1', 'namespaces') })
  for (let count = 1; count <= 3; count += 1) {
    await ask()
    server.closeIdleConnections()
    await expect.poll(() => countConnections(server)).toBe(0)
    collect()
  }
  expect(resumed).toEqual([false, true, true])
})

test('an authority is one though another one vouches for it, as to kubectl; a stranger is none', async () => {
  const root = await createCertificateAuthority('root')
  const authority = await issueAuthority(root, 'issuing')
  const { credential, stop } = await startTestServer((_, response) => response.end('{}'), {
    authority,
  })
  onTestFinished(stop)
  const ask = async (ca: string) => {
    const addresses = { allowLoopback: true }
    const transport = createTransport({ ...credential, ca }, { version: 'test', addresses })
    onTestFinished(() => transport.close())
    return transport.request({ method: 'GET', path: kubePath('api', 'v1', 'namespaces') })
  }
  expect(credential.ca).not.toBe(root.certificate)
  await expect(ask(authority.certificate)).resolves.toMatchObject({ body: {} })
  const stranger = await issueAuthority(root, 'issuing')
  await expect(ask(stranger.certificate)).rejects.toMatchObject({ kind: 'tls' })
})

function countConnections(server: {
  getConnections(callback: (_: unknown, count: number) => void): void
}) {
  return new Promise<number>((resolve) => {
    server.getConnections((_, count) => resolve(count))
  })
}
