import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Grant } from '@hub/shared'
import { contextOf, grant } from '../../test/contexts.ts'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { quietLog } from '../../test/quiet-log.ts'
import { createUsage } from './create-usage.ts'
import { deleteOldUsage } from './store.ts'

describe.each(databases)('the meter ($dialect)', ({ open }) => {
  let database: TestDatabase
  let now = new Date('2030-01-31T10:20:00Z')
  beforeAll(async () => {
    database = await open()
  })
  afterAll(() => database.dispose())

  const replica = () =>
    createUsage({ db: database.db, now: () => now, log: quietLog, telemetry: null })
  const here = { instance: 'east', namespace: 'team', deployment: 'qwen', model: 'qwen3' }
  let people = 0
  /** Somebody new, with these grants. */
  const somebody = (...grants: Grant[]) => {
    const ctx = contextOf(grants, { now: () => now })
    people += 1
    const userId = `u${people}`
    return {
      ...ctx,
      actor: { ...ctx.actor, userId, principal: `oidc:${userId}` } as typeof ctx.actor,
    }
  }
  const limited = (id: string, limits: Grant['limits'], more: Partial<Grant> = {}) =>
    grant('viewer', { id, ...(limits && { limits }), ...more })
  const rowsOf = async (principal: string) => {
    const rows = await database.db.read.select().from(database.db.tables.usageHours)
    return rows.filter((row) => row.principal === principal)
  }
  const principalOf = ({ actor }: ReturnType<typeof somebody>) =>
    'principal' in actor ? actor.principal : ''
  /** How many of these calls are let in. */
  const letIn = async (calls: (() => Promise<unknown>)[]) => {
    const settled = await Promise.allSettled(calls.map((call) => call()))
    return settled.filter(({ status }) => status === 'fulfilled').length
  }

  test('replicas add up to one row an hour, and what is cancelled or ends twice counts once at most', async () => {
    const [a, b] = [replica(), replica()]
    const ctx = somebody(limited('team', undefined, { team: 'oidc:ml', source: 'group' }))
    const first = await a.meter.begin(ctx, here)
    first.ended({ status: 200, promptTokens: 5, completionTokens: 2, firstByteMs: 40.4 })
    first.ended({ status: 500 })
    ;(await a.meter.begin(ctx, here)).cancelled()
    ;(await b.meter.begin(ctx, here)).ended({ status: 502 })
    await Promise.all([a.flush(), b.flush()])
    await a.flush()
    expect(await rowsOf(principalOf(ctx))).toMatchObject([
      {
        ...here,
        team: 'oidc:ml',
        hour: new Date('2030-01-31T10:00:00Z'),
        day: '2030-01-31',
        requests: 2,
        errors: 1,
        promptTokens: 5,
        completionTokens: 2,
        firstByteMs: 40,
        firstBytes: 1,
      },
    ])
  })

  test('what cannot be written is written later', async () => {
    const usage = createUsage({
      telemetry: null,
      db: {
        ...database.db,
        transaction: async (work) => {
          if (isAway) throw new Error('away')
          return database.db.transaction(work)
        },
      },
      now: () => now,
      log: quietLog,
    })
    let isAway = true
    const ctx = somebody(grant('viewer'))
    ;(await usage.meter.begin(ctx, here)).ended({ status: 200, promptTokens: 1 })
    await expect(usage.flush()).rejects.toThrow('away')
    isAway = false
    await usage.flush()
    expect(await rowsOf(principalOf(ctx))).toMatchObject([{ requests: 1, promptTokens: 1 }])
  })

  test('requests a minute: all replicas together let in no more than the limit, and at most 10 % less', async () => {
    const replicas = [replica(), replica(), replica()]
    const ctx = somebody(limited('g', { requestsPerMinute: 200 }))
    const calls = Array.from(
      { length: 600 },
      (_, index) => () => replicas[index % replicas.length]!.meter.begin(ctx, here),
    )
    const count = await letIn(calls)
    expect(count).toBeLessThanOrEqual(200)
    expect(count).toBeGreaterThanOrEqual(180)
    const refused = await replicas[0]!.meter.begin(ctx, here).catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: 'too-many-requests',
      retryAfterSeconds: 60,
      detail: expect.stringContaining(
        '200 requests a minute that the role viewer on all instances (grant g)',
      ),
    })
    now = new Date(now.getTime() + 60_000)
    await replicas[0]!.meter.begin(ctx, here)
  })

  test('what is given back may be taken again', async () => {
    const { meter } = replica()
    const ctx = somebody(limited('g', { requestsPerMinute: 1 }))
    ;(await meter.begin(ctx, here)).cancelled()
    await meter.begin(ctx, here)
    await expect(meter.begin(ctx, here)).rejects.toMatchObject({ code: 'too-many-requests' })
  })

  test('tokens a day: what one replica used the other one knows once it was written', async () => {
    const [a, b] = [replica(), replica()]
    const ctx = somebody(limited('g', { tokensPerDay: 100 }))
    ;(await a.meter.begin(ctx, here)).ended({ status: 200, promptTokens: 60, completionTokens: 50 })
    await expect(a.meter.begin(ctx, here)).rejects.toMatchObject({
      code: 'too-many-requests',
      detail: expect.stringContaining('100 tokens a day'),
    })
    await a.flush()
    await expect(b.meter.begin(ctx, here)).rejects.toMatchObject({ code: 'too-many-requests' })
    now = new Date('2030-02-01T00:00:01Z')
    await a.meter.begin(ctx, here)
    await b.meter.begin(ctx, here)
  })

  test('the most generous of several grants decides, and they are not added up', async () => {
    const { meter } = replica()
    const both = somebody(
      limited('few', { requestsPerMinute: 2 }),
      limited('more', { requestsPerMinute: 5 }),
      limited('elsewhere', undefined, { instanceId: 'west' }),
    )
    expect(await letIn(Array.from({ length: 20 }, () => () => meter.begin(both, here)))).toBe(5)
    await meter.begin(both, { ...here, instance: 'west' })
    const free = somebody(limited('few', { requestsPerMinute: 1 }), grant('viewer', { id: 'free' }))
    expect(await letIn(Array.from({ length: 20 }, () => () => meter.begin(free, here)))).toBe(20)
  })

  test('one more grant never means fewer rights, whichever of its limits is the smaller one', async () => {
    const { meter } = replica()
    const ctx = somebody(
      limited('fast', { requestsPerMinute: 1000, tokensPerDay: 10 }),
      limited('long', { requestsPerMinute: 3, tokensPerDay: 1000 }),
    )
    ;(await meter.begin(ctx, here)).ended({ status: 200, promptTokens: 20 })
    expect(await letIn(Array.from({ length: 9 }, () => () => meter.begin(ctx, here)))).toBe(2)
  })

  test('rows are kept for 400 days', async () => {
    const usage = replica()
    const ctx = somebody(grant('viewer'))
    ;(await usage.meter.begin(ctx, here)).ended({ status: 200 })
    await usage.flush()
    const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000)
    await database.db.transaction((tx) => deleteOldUsage(tx, inDays(399)))
    expect(await rowsOf(principalOf(ctx))).toHaveLength(1)
    await database.db.transaction((tx) => deleteOldUsage(tx, inDays(401)))
    expect(await rowsOf(principalOf(ctx))).toEqual([])
  })
})
