import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { answerAsCluster } from '../../test/answer-as-cluster.ts'
import { useTestDirectory } from '../../test/credentials-directory.ts'
import { startTestServer } from '../../test/https-server.ts'
import { nowhere, renderKubeconfig } from '../../test/kubeconfigs.ts'
import { quietLog } from '../../test/quiet-log.ts'
import {
  createClusterIdentities,
  identityOf,
  placeOf,
  type ClusterSight,
} from './cluster-identities.ts'
import type { Instances } from './create-instances.ts'

// Real sockets and databases on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }
const here = placeOf(nowhere())
const elsewhere = placeOf({ ...nowhere(), server: 'https://127.0.0.1:2' })

const a: ClusterSight = { uid: 'uid-a', place: here }
const b: ClusterSight = { uid: 'uid-b', place: here }
const aElsewhere: ClusterSight = { uid: 'uid-a', place: elsewhere }
const untold: ClusterSight = { uid: null, place: here }
const untoldElsewhere: ClusterSight = { uid: null, place: elsewhere }

describe.each(databases)('which cluster stands behind a name, on $dialect', ({ open }) => {
  let database: TestDatabase

  beforeEach(async () => {
    database = await open()
  })
  afterEach(() => database.dispose())

  const start = async () => {
    const identities = createClusterIdentities({
      db: database.db,
      now: () => new Date(),
      log: quietLog,
    })
    await identities.load()
    return identities
  }

  it.each<[string, ClusterSight[], ClusterSight, boolean]>([
    ['the uid that was seen first is the same, wherever', [a], aElsewhere, true],
    ['another uid is another cluster', [a], b, false],
    ['no uid after one is unknown, and unknown is not the same', [a], untold, false],
    ['nor elsewhere', [a], untoldElsewhere, false],
    ['no uid is the same at the same place where none was ever told', [untold], untold, true],
    ['and not at another place', [untold], untoldElsewhere, false],
    ['a uid told at the place that never told one is learnt', [untold], a, true],
    ['and counts from then on', [untold, a], b, false],
    ['so that no uid is unknown again', [untold, a], untold, false],
    ['a uid told at another place is another cluster', [untold], aElsewhere, false],
    ['what was not the same changes nothing', [a, b, untold, untoldElsewhere], a, true],
  ])('H16: %s', async (_, before, now, isSame) => {
    const identities = await start()
    for (const sight of before) await identities.check('prod', sight)
    const afterRestart = await start()
    for (const each of [identities, afterRestart]) {
      expect(await each.check('prod', now)).toBe(isSame)
      expect(await each.check('prod', now)).toBe(isSame)
    }
    expect(await identities.check('other', now)).toBe(true)
  })

  it('H16: two processes that learn at once agree', async () => {
    const [one, other] = [await start(), await start()]
    await one.check('prod', untold)
    const answers = await Promise.all([one.check('prod', a), other.check('prod', b)])
    expect(new Set(answers)).toEqual(new Set([false, true]))
  })

  it('is not the same while the database cannot say', async () => {
    const identities = await start()
    await identities.check('prod', a)
    await database.db.close()
    expect(await identities.check('prod', a)).toBe(true)
    expect(await identities.check('prod', untold)).toBe(false)
  })

  it('H35: a database that does not answer makes no other cluster of one', async () => {
    const identities = await start()
    await identities.check('prod', a)
    expect(await identities.check('prod', b)).toBe(false)
    expect([...identities.unanswered]).toEqual([])
    await database.db.close()
    expect(await identities.check('prod', untold)).toBe(false)
    expect([...identities.unanswered]).toEqual(['prod'])
    expect(await identities.check('prod', a)).toBe(true)
    expect([...identities.unanswered]).toEqual([])
  })
})

describe('the place of a cluster', () => {
  it('H16: is its address, authority and name there, and says none of them', () => {
    const place = placeOf(nowhere())
    expect(place).toMatch(/^place:[0-9a-f]{64}$/)
    expect(placeOf(nowhere('another-token'))).toBe(place)
    for (const other of [
      { server: 'https://127.0.0.1:2' },
      { ca: 'another' },
      { tlsServerName: 'another' },
      { verifyTls: false },
    ]) {
      expect(placeOf({ ...nowhere(), ...other })).not.toBe(place)
    }
    expect(identityOf({ uid: null, place })).toBe(place)
  })
})

describe('an instance whose cluster no longer tells who it is', () => {
  const directory = useTestDirectory()

  type KubeSystem = (response: ServerResponse) => void
  const answerKubeSystem =
    (status: number, body: unknown): KubeSystem =>
    (response) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
  const tells = (uid: string) =>
    answerKubeSystem(200, { kind: 'Namespace', metadata: { name: 'kube-system', uid } })
  const forbids = answerKubeSystem(403, { kind: 'Status', reason: 'Forbidden', message: 'no' })

  /** A cluster whose word about kube-system can be changed. */
  const startCluster = async (first: KubeSystem) => {
    const state = { kubeSystem: first }
    const usual = answerAsCluster({ group: 'airunway.ai' })
    const server = await startTestServer((request: IncomingMessage, response: ServerResponse) => {
      if (request.url?.endsWith('/kube-system')) state.kubeSystem(response)
      else usual(request, response)
    })
    directory.defer(server.stop)
    return { state, kubeconfig: renderKubeconfig(server.credential) }
  }
  const start = () => directory.start({ probeIntervalMs: 50, probeTimeoutMs: 2_000 })
  const probeAnew = async (instances: Instances) => {
    let probes = 0
    const stop = instances.onChange(() => void (probes += 1))
    await expect.poll(() => probes, soon).toBeGreaterThan(2)
    stop()
  }

  it.each<[string, KubeSystem]>([
    ['forbids to read it', forbids],
    ['has none', answerKubeSystem(404, { kind: 'Status', reason: 'NotFound', message: 'no' })],
    ['tells an empty uid', tells('')],
    [
      'tells a uid that is no text',
      answerKubeSystem(200, { metadata: { name: 'kube-system', uid: 5 } }),
    ],
    [
      'answers with another namespace',
      answerKubeSystem(200, { kind: 'Namespace', metadata: { name: 'default', uid: 'uid-1' } }),
    ],
    [
      'answers with another kind',
      answerKubeSystem(200, { kind: 'ConfigMap', metadata: { name: 'kube-system', uid: 'uid-1' } }),
    ],
    ['tells a place for a uid', tells('place:abc')],
  ])('H16: rests where another one %s, until it is confirmed', async (_, kubeSystem) => {
    const one = await startCluster(tells('uid-1'))
    const other = await startCluster(kubeSystem)
    directory.write('prod.kubeconfig', one.kubeconfig)
    const instances = await start()
    await expect.poll(() => instances.find('prod')?.status.state, soon).toBe('ready')
    const uses: (string | null)[] = []
    instances.onChange((change) => {
      if (change.type === 'upsert' && !instances.resting.has('prod')) {
        uses.push(change.instance.apiGroup)
      }
    })
    directory.replace('prod.kubeconfig', other.kubeconfig)
    await expect.poll(() => instances.find('prod')?.status.state, soon).toBe('degraded')
    expect([...instances.resting]).toEqual(['prod'])
    expect(instances.find('prod')).toMatchObject({
      apiGroup: null,
      clusterUid: null,
      status: {
        reason: expect.stringMatching(/cannot identify: .* Allow .*\.$/) as string,
      },
    })
    // While it did not rest, nothing there could be read or changed under the new credential.
    const switched = uses.indexOf(null)
    expect(uses.slice(switched).every((group) => group === null)).toBe(true)
    instances.accept('prod', instances.find('prod')!.clusterIdentity!)
    expect([...instances.resting]).toEqual([])
    await probeAnew(instances)
    expect(instances.find('prod')).toMatchObject({
      apiGroup: 'airunway.ai',
      status: { state: 'ready' },
    })
    expect(instances.find('prod')!.warnings.join()).toContain('kube-system')
  })

  it('H16: rests too where the same credential leads elsewhere, and wakes when it is told again', async () => {
    const { kubeconfig, state } = await startCluster(tells('uid-1'))
    directory.write('prod.kubeconfig', kubeconfig)
    const instances = await start()
    await expect.poll(() => instances.find('prod')?.status.state, soon).toBe('ready')
    state.kubeSystem = forbids
    await expect.poll(() => instances.resting.has('prod'), soon).toBe(true)
    state.kubeSystem = tells('uid-2')
    await expect
      .poll(() => instances.find('prod')?.status.reason, soon)
      .toContain('now leads to a different cluster')
    state.kubeSystem = tells('uid-1')
    await expect.poll(() => instances.resting.has('prod'), soon).toBe(false)
    await expect.poll(() => instances.find('prod')?.status.state, soon).toBe('ready')
  })

  it.each<[string, KubeSystem]>([
    ['fails', answerKubeSystem(500, { kind: 'Status', message: 'etcd is away' })],
    ['is silent', () => {}],
    ['asks to wait', answerKubeSystem(429, { kind: 'Status', message: 'busy' })],
    ['breaks off', (response) => void response.destroy()],
  ])('H16: does not rest because the cluster %s for a moment', async (_, kubeSystem) => {
    const { kubeconfig, state } = await startCluster(tells('uid-1'))
    directory.write('prod.kubeconfig', kubeconfig)
    const instances = await start()
    await expect.poll(() => instances.find('prod')?.status.state, soon).toBe('ready')
    state.kubeSystem = kubeSystem
    await expect.poll(() => instances.find('prod')?.status.state, soon).not.toBe('ready')
    expect([...instances.resting]).toEqual([])
    state.kubeSystem = tells('uid-1')
    await expect.poll(() => instances.find('prod')?.status.state, soon).toBe('ready')
  })

  it('H16: what is confirmed is what was seen, not what comes meanwhile', async () => {
    const { kubeconfig, state } = await startCluster(tells('uid-1'))
    directory.write('prod.kubeconfig', kubeconfig)
    const instances = await start()
    await expect.poll(() => instances.find('prod')?.status.state, soon).toBe('ready')
    state.kubeSystem = tells('uid-2')
    await expect.poll(() => instances.resting.has('prod'), soon).toBe(true)
    const seen = instances.find('prod')!.clusterIdentity!
    state.kubeSystem = tells('uid-3')
    await expect.poll(() => instances.find('prod')?.clusterUid, soon).toBe('uid-3')
    instances.accept('prod', seen)
    expect([...instances.resting]).toEqual(['prod'])
  })
})
