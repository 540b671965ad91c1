import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Lease } from '#db'
import type { FleetDeployment } from '#fleet'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { createGpuTimeJob } from './gpu-time.ts'

const deployment = (more: object) =>
  ({
    instance: 'east',
    namespace: 'team',
    name: 'qwen',
    createdBy: 'oidc:ada',
    model: { id: 'Qwen/Qwen3-8B', servedName: null, source: null },
    gpus: { perReplica: 2, type: null, held: 4 },
    replicas: { desired: 2, ready: 1, available: 1, running: 2 },
    ...more,
  }) as FleetDeployment

describe.each(databases)('GPU time ($dialect)', ({ open }) => {
  let database: TestDatabase
  let now = new Date('2030-01-31T10:00:00Z')
  const deployments: FleetDeployment[] = []
  beforeAll(async () => {
    database = await open()
  })
  afterAll(() => database.dispose())

  const hub = () =>
    createGpuTimeJob({
      db: database.db,
      now: () => now,
      findTeam: async (principal) => (principal === 'oidc:ada' ? 'oidc:ml' : null),
      fleet: {
        instanceIds: () => ['east', 'lost'],
        instanceState: (id) =>
          id === 'east' ? { synced: true, reason: null } : { synced: false, reason: 'It is away.' },
        list: (filter) => deployments.filter(({ instance }) => instance === filter?.instance),
      },
    })
  const round = (job: ReturnType<typeof hub>, lease: Lease | null = null) =>
    job.run({ signal: new AbortController().signal, lease })
  const later = (seconds: number) => (now = new Date(now.getTime() + seconds * 1000))
  const rows = async () =>
    (await database.db.read.select().from(database.db.tables.usageHours)).toSorted((a, b) =>
      a.deployment! < b.deployment! ? -1 : 1,
    )

  test('counts what pods hold once, whichever hub looks, and nothing of a cluster that is away', async () => {
    deployments.push(
      deployment({}),
      deployment({
        name: 'unread',
        createdBy: null,
        gpus: { perReplica: 2, type: null, held: null },
      }),
      deployment({ name: 'cpu', gpus: { perReplica: 0, type: null, held: 0 } }),
      deployment({ name: 'gone', instance: 'lost' }),
    )
    const [a, b] = [hub(), hub()]
    await round(a)
    expect(await rows()).toEqual([])
    later(60)
    await round(b)
    await round(a)
    later(60)
    await Promise.all([round(a), round(b)])
    expect(await rows()).toMatchObject([
      {
        principal: 'oidc:ada',
        team: 'oidc:ml',
        instance: 'east',
        namespace: 'team',
        deployment: 'qwen',
        model: 'Qwen/Qwen3-8B',
        gpuSeconds: 480,
        requests: 0,
      },
      { principal: '', team: null, deployment: 'unread', gpuSeconds: 240 },
    ])
  })

  test('time that nobody looked is not counted', async () => {
    const before = await rows()
    later(3_600)
    await round(hub())
    expect(await rows()).toEqual(before)
    later(30)
    await round(hub())
    expect((await rows()).length).toBe(before.length * 2)
  })
})
