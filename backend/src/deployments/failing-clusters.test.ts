import { writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createCertificateAuthority, startApiServer, type Cluster } from '@hub/demo'
import { DeploymentList, InstanceList, Problem } from '@hub/shared'
import { beforeAll, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { describeHub } from '../../test/describe-hub.ts'
import type { Browser } from '../../test/hub.ts'

const soon = { timeout: 20_000, interval: 25 }
const body = { name: 'llama', spec: { model: { id: 'a/b' } } }
const collection = (instance: string) => `/api/instances/${instance}/namespaces/default/deployments`

let healthy: Cluster
let dying: Cluster

async function startClusters({ defer }: { defer: (end: () => unknown) => void }) {
  ;[healthy, dying] = await Promise.all([startApiServer(), startApiServer()])
  const silent = createServer((socket) => socket.resume())
  defer(() => Promise.all([healthy.stop(), dying.stop()]))
  defer(() => new Promise((resolve) => silent.close(resolve)))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const kubeconfig = healthy.kubeconfig('service-account-token')
  const withCluster = (change: Record<string, unknown>) => {
    const config = parse(kubeconfig)
    Object.assign(config.clusters[0].cluster, change)
    return stringify(config)
  }
  const stranger = await createCertificateAuthority('somebody else')
  return {
    env: { HUB_ADMINS: 'oidc:root' },
    credentials: {
      healthy: kubeconfig,
      dying: dying.kubeconfig('service-account-token'),
      'other-ca': withCluster({
        'certificate-authority-data': Buffer.from(stranger.certificate).toString('base64'),
      }),
      refusing: withCluster({ server: 'https://127.0.0.1:9' }),
      silent: withCluster({
        server: `https://127.0.0.1:${(silent.address() as AddressInfo).port}`,
      }),
      'no-token': kubeconfig.replace(/token: .*/, 'token: not-a-token'),
      'not-yaml': 'clusters: [{ this is : not',
      empty: '',
    },
  }
}

describeHub('clusters that fail,', startClusters, (world) => {
  let admin: Browser

  beforeAll(async () => {
    admin = world.hub.browser()
    await admin.signIn('root')
  })
  const instances = async () =>
    InstanceList.parse(await (await admin.get('/api/instances')).json()).items
  const stateOf = async (id: string) => (await instances()).find((item) => item.id === id)?.status

  test.each([
    ['healthy', 'ready', ''],
    ['refusing', 'unreachable', 'refuse'],
    ['other-ca', 'unreachable', 'certificate'],
    ['no-token', 'unauthorized', 'credential'],
    ['silent', 'unreachable', 'time'],
  ])('%s is %s, with a reason that says %s', async (id, state, word) => {
    await vi.waitFor(async () => expect((await stateOf(id))?.state).toBe(state), soon)
    const { reason } = (await stateOf(id))!
    expect(reason ?? '').toContain(word)
    expect(reason === null).toBe(state === 'ready')
  })

  test('a file that is no kubeconfig is no instance, and refused with a reason and a fix', async () => {
    const ids = (await instances()).map(({ id }) => id)
    expect(ids).not.toContain('not-yaml')
    expect(ids).not.toContain('empty')
    expect(world.hub.instances.rejected().map(({ file }) => file)).toEqual(
      expect.arrayContaining(['empty.kubeconfig', 'not-yaml.kubeconfig']),
    )
    for (const { fix, reason } of world.hub.instances.rejected()) {
      expect(reason).toMatch(/\.$/)
      expect(fix).toMatch(/\.$/)
    }
  })

  test('a list says which instances it lacks and why', async () => {
    const { partial } = DeploymentList.parse(await (await admin.get('/api/deployments')).json())
    expect(partial.map(({ instance }) => instance).toSorted()).toEqual(
      expect.arrayContaining(['no-token', 'other-ca', 'refusing', 'silent']),
    )
    expect(partial.every(({ reason }) => reason.endsWith('.'))).toBe(true)
  })

  test('creating on an instance that was never reached is refused at once', async () => {
    const response = await admin.send('POST', collection('silent'), body)
    expect(response.status).toBe(503)
    expect(Problem.parse(await response.json())).toMatchObject({ code: 'instance-not-ready' })
  })

  test('creating on an instance that just went away says so, and hurts nobody else', async () => {
    await vi.waitFor(async () => expect((await stateOf('dying'))?.state).toBe('ready'), soon)
    await dying.stop()
    const response = await admin.send('POST', collection('dying'), body)
    expect(response.status).toBe(502)
    expect(Problem.parse(await response.json())).toMatchObject({
      code: 'instance-unreachable',
      detail: expect.stringContaining('"dying"'),
    })
    expect((await admin.send('POST', collection('healthy'), body)).status).toBe(201)
    await vi.waitFor(async () => expect((await stateOf('dying'))?.state).toBe('unreachable'), soon)
  })

  test('a half-written credential changes nothing until a whole one replaces it', async () => {
    const path = join(world.hub.directory, 'healthy.kubeconfig')
    const whole = healthy.kubeconfig('client-certificate')
    await writeFile(path, whole.slice(0, whole.length / 2))
    await vi.waitFor(
      () =>
        expect(world.hub.instances.rejected().map(({ file }) => file)).toContain(
          'healthy.kubeconfig',
        ),
      soon,
    )
    expect((await stateOf('healthy'))?.state).toBe('ready')
    expect((await admin.get(`${collection('healthy')}/llama`)).status).toBe(200)
    await writeFile(path, whole)
    await vi.waitFor(
      () =>
        expect(world.hub.instances.rejected().map(({ file }) => file)).not.toContain(
          'healthy.kubeconfig',
        ),
      soon,
    )
  })
})
