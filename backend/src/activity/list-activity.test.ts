import { ActivityList, type Grant } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordAudit, type AuditEntry } from '#audit'
import { findLastLink, insertAuditRow } from '../audit/store.ts'
import { createVisibilities } from '../fleet/visibility.ts'
import { contextOf, grant } from '../../test/contexts.ts'
import { createSealedText } from '#secrets'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { createActivityList } from './list-activity.ts'

const at = (namespace: string, name: string, instance = 'east') => ({ instance, namespace, name })
const admin = [grant('admin')]
const viewerOfA = [grant('viewer', { namespaces: ['team-a'] })]

describe.each(databases)('who changed what, on $dialect', ({ open }) => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await open()
  })
  afterAll(async () => database?.dispose())

  const cursors = createSealedText(['a-secret-of-at-least-32-characters'], 'activity')
  const listActivity = createActivityList({
    fleet: { visibilityOf: createVisibilities() },
    findNames: async () => new Map([['oidc:ann', 'Ann']]),
    cursors,
  })
  const contextFor = (grants: Grant[] | null) => contextOf(grants, { db: database.db })
  const list = async (grants: Grant[], query: { limit?: number; cursor?: string } = {}) =>
    ActivityList.parse(await listActivity(contextFor(grants), { limit: 20, ...query }))
  const record = async (
    principal: string,
    entry: Omit<AuditEntry, 'outcome'> & Partial<AuditEntry>,
  ) =>
    recordAudit(
      contextOf([], { db: database.db, ip: '192.0.2.7', requestId: `r-${entry.action}` }),
      {
        outcome: 'success',
        actor: { principal, userId: null },
        ...entry,
      },
    )
  const namesOf = ({ items }: ActivityList) =>
    items.map(({ action, target }) => target?.name ?? action)

  test('is what the caller may see, newest first, without what the audit log alone tells', async () => {
    await record('oidc:ann', { action: 'deployment.create', target: at('team-a', 'one') })
    await record('oidc:ann', {
      action: 'deployment.create',
      outcome: 'attempt',
      target: at('team-a', 'tried'),
    })
    await record('oidc:bob', {
      action: 'deployment.delete',
      outcome: 'failure',
      reason: 'the cluster refused',
      target: at('team-b', 'secret'),
    })
    await record('oidc:bob', {
      action: 'access.denied',
      outcome: 'denied',
      target: at('team-a', 'denied'),
      reason: 'no grant',
    })
    await record('oidc:bob', { action: 'auth.sign-in', target: { provider: 'oidc' } })
    await record('system', {
      action: 'grant.sync',
      target: { userId: 'u', principals: ['oidc:ann'] },
    })
    await record('oidc:bob', { action: 'credential.put', target: { instance: 'west' } })

    const mine = await list(viewerOfA)
    expect(mine).toEqual({
      items: [
        {
          id: expect.stringMatching(/^[\w-]{22}$/),
          at: expect.any(String),
          person: { principal: 'oidc:ann', displayName: 'Ann' },
          action: 'deployment.create',
          target: at('team-a', 'one'),
          about: null,
          outcome: 'success',
        },
      ],
      next: null,
    })
    expect(JSON.stringify(await list(admin))).not.toMatch(/192\.0\.2|refused|no grant|team-a.tried/)
    expect((await list(admin)).items).toMatchObject([
      {
        action: 'credential.put',
        target: { instance: 'west', namespace: null, name: null },
        person: { principal: 'oidc:bob', displayName: 'oidc:bob' },
      },
      { action: 'grant.sync', person: null, target: null, about: { displayName: 'Ann' } },
      { action: 'deployment.delete', outcome: 'failure', target: at('team-b', 'secret') },
      { action: 'deployment.create', target: at('team-a', 'one') },
    ])
    expect(await list([])).toEqual({ items: [], next: null })
    expect(namesOf(await list([grant('viewer', { instanceId: 'west' })]))).toEqual([])
    await expect(listActivity(contextFor(null), { limit: 20 })).rejects.toThrow(/unauthenticated/)
  })

  test('is paged, each once, whatever comes meanwhile', async () => {
    for (let each = 0; each < 5; each += 1) {
      await record('oidc:ann', { action: 'deployment.create', target: at('paged', `p${each}`) })
      await record('oidc:ann', { action: 'deployment.create', target: at('other', `o${each}`) })
    }
    const held = [grant('viewer', { namespaces: ['paged'] })]
    const first = await list(held, { limit: 2 })
    await record('oidc:ann', { action: 'deployment.create', target: at('paged', 'later') })
    const second = await list(held, { limit: 2, cursor: first.next! })
    const third = await list(held, { limit: 2, cursor: second.next! })
    expect([first, second, third].flatMap(namesOf)).toEqual(['p4', 'p3', 'p2', 'p1', 'p0'])
    expect(third.next).toBeNull()
  })

  test('goes on from where much was looked at in vain', async () => {
    await record('oidc:ann', { action: 'deployment.create', target: at('deep', 'found') })
    await database.db.transaction(async (tx) => {
      const { seq } = await findLastLink(tx)
      for (let each = 1; each <= 1_000; each += 1) {
        await insertAuditRow(tx, {
          seq: seq + each,
          occurredAt: new Date(0),
          actor: 'oidc:ann',
          userId: null,
          action: 'deployment.create',
          target: at('other', 'x'),
          outcome: 'success',
          before: null,
          after: null,
          reason: null,
          requestId: `many-${each}`,
          ip: null,
          clusterAuditId: null,
          via: null,
          previousHash: null,
          hash: null,
        })
      }
    })
    const held = [grant('viewer', { namespaces: ['deep'] })]
    const first = await list(held)
    expect(first.items).toEqual([])
    expect(namesOf(await list(held, { cursor: first.next! }))).toEqual(['found'])
  })

  test.each(['', 'x', '17'])('refuses the cursor %j', async (cursor) => {
    await expect(list(admin, { cursor })).rejects.toThrow(/\?cursor/)
  })

  test('refuses a cursor that stands for no row', async () => {
    const cursor = await cursors.seal('-1')
    await expect(list(admin, { cursor })).rejects.toThrow(/\?cursor/)
  })
})
