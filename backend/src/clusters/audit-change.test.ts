import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { AppError } from '#errors'
import { ClusterError, toAppError, type ClusterErrorOptions } from '#kube'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { findOpenAttempts, selectAuditRows } from '../audit/store.ts'
import { contextOf, grant } from '../../test/contexts.ts'
import { auditChange, isUndecided } from './audit-change.ts'

const target = { instance: 'prod-east', namespace: 'ml-team', name: 'llama' }
const entry = { action: 'deployment.create', target } as const
const answer = { status: 201, body: {}, auditId: 'cluster-audit-id', warnings: [] }
const later = new Date(Date.now() + 86_400_000)

describe.each(databases)('auditChange, on $dialect', ({ open }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await open()
  })
  afterAll(() => database.dispose())

  const context = (requestId: string, db = database.db) =>
    contextOf([grant('deployer')], { db, requestId })
  const rowsOf = async (requestId: string) =>
    (await selectAuditRows(database.db, 1_000))
      .filter((row) => row.requestId === requestId)
      .map(({ clusterAuditId, outcome, reason }) => ({ outcome, reason, clusterAuditId }))
      .toReversed()
  const openOf = async (requestId: string) =>
    (
      await findOpenAttempts(database.db, {
        actions: [entry.action],
        before: later,
        after: '',
        limit: 1_000,
      })
    ).filter((row) => row.requestId === requestId)
  /** Refuses the transactions with these numbers, as a database that is away or busy. */
  const failing = (...numbers: number[]) => {
    let count = 0
    return {
      ...database.db,
      transaction: (async (work) => {
        count += 1
        if (numbers.includes(count)) throw new AppError('unavailable', { detail: 'It is busy.' })
        return database.db.transaction(work)
      }) as TestDatabase['db']['transaction'],
    }
  }

  test('H9: who made a change hears what the cluster said, though its row cannot be written yet', async () => {
    const said = await auditChange(context('busy', failing(2)), entry, async ({ onSend }) => {
      onSend()
      return answer
    })
    expect(said).toBe(answer)
    expect(await rowsOf('busy')).toMatchObject([{ outcome: 'attempt' }])
    // A crash now would lose nothing: the attempt is still open.
    expect(await openOf('busy')).toHaveLength(1)
    await vi.waitFor(
      async () =>
        expect(await rowsOf('busy')).toEqual([
          { outcome: 'attempt', reason: null, clusterAuditId: null },
          { outcome: 'success', reason: null, clusterAuditId: 'cluster-audit-id' },
        ]),
      { timeout: 20_000, interval: 50 },
    )
    expect(await openOf('busy')).toEqual([])
  })

  test('H9: a refusal is told as the cluster gave it, though its row cannot be written yet', async () => {
    const refusal = toAppError(
      new ClusterError('forbidden', { message: 'no', status: 403 }),
      target,
    )
    const refused = auditChange(context('refused', failing(2)), entry, async ({ onSend }) => {
      onSend()
      throw refusal
    })
    await expect(refused).rejects.toBe(refusal)
  })

  test('H9: nothing is sent where the attempt cannot be written', async () => {
    const change = vi.fn<() => Promise<typeof answer>>()
    await expect(auditChange(context('away', failing(1)), entry, change)).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(change).not.toHaveBeenCalled()
    expect(await rowsOf('away')).toEqual([])
  })

  test.each<[string, ClusterError, { sent: boolean; outcome: string }]>([
    ['never-sent', failed('timeout'), { sent: false, outcome: 'failure' }],
    ['refused-connection', failed('refused'), { sent: false, outcome: 'failure' }],
    ['timed-out', failed('timeout'), { sent: true, outcome: 'unknown' }],
    ['cut', failed('refused'), { sent: true, outcome: 'unknown' }],
    ['aborted', failed('aborted'), { sent: true, outcome: 'unknown' }],
    ['etcd-late', failed('server', 500), { sent: true, outcome: 'unknown' }],
    ['gateway-late', failed('timeout', 504), { sent: true, outcome: 'unknown' }],
    ['invalid', failed('invalid', 422), { sent: true, outcome: 'failure' }],
    ['conflict', failed('conflict', 409), { sent: true, outcome: 'failure' }],
  ])(
    'H9: the row after a change says what is known of it: %s',
    async (id, error, { sent, outcome }) => {
      const thrown = await auditChange(context(id), entry, async ({ onSend }) => {
        if (sent) onSend()
        throw toAppError(error, { instance: target.instance })
      }).catch((caught: unknown) => caught as AppError)
      expect((await rowsOf(id)).map((row) => row.outcome)).toEqual(['attempt', outcome])
      expect(await openOf(id)).toHaveLength(outcome === 'unknown' ? 1 : 0)
      const isLeftOpen = outcome === 'unknown'
      const { detail, outcome: told } = thrown as AppError
      expect(told).toBe(isLeftOpen ? 'unknown' : undefined)
      expect(detail.includes('"llama" in namespace "ml-team" may have been created anyway')).toBe(
        isLeftOpen,
      )
      expect(detail.includes('look at it before you try again')).toBe(isLeftOpen)
    },
  )

  test("a change of unknown outcome is told in sentences, also with an API server's own words", async () => {
    const words =
      'conversion webhook for airunway.ai/v1alpha1, Kind=ModelDeployment failed: refused'
    const error = failed('server', 500, words)
    const change = auditChange(context('converted'), entry, async ({ onSend }) => {
      onSend()
      throw toAppError(error, { instance: target.instance })
    })
    await expect(change).rejects.toMatchObject({
      detail: expect.stringContaining(`Instance "${target.instance}" failed: ${words}. Deployment`),
    })
  })
})

test.each<[string, ClusterError, boolean]>([
  ['no answer', failed('timeout'), true],
  ['a connection that was cut', failed('refused'), true],
  ['a 201 that is no JSON', failed('protocol'), true],
  ['500 of etcd', failed('server', 500), true],
  ['502 of a proxy', failed('server', 502), true],
  ['503', failed('server', 503), true],
  ['504', failed('timeout', 504), true],
  ['a webhook that could not be asked', failed('server', 500, 'failed calling webhook "a"'), false],
  ['a webhook that says no with a 500', failed('admission', 500), false],
  ['400', failed('bad-request', 400), false],
  ['401', failed('unauthorized', 401), false],
  ['403', failed('forbidden', 403), false],
  ['404', failed('not-found', 404), false],
  ['409', failed('already-exists', 409), false],
  ['422', failed('invalid', 422), false],
  ['429', failed('throttled', 429), false],
  ['a redirect', failed('protocol', 307), false],
])('H9: what a sent change became after %s', (_, error, undecided) => {
  expect(isUndecided(error)).toBe(undecided)
})

function failed(kind: ClusterError['kind'], status?: number, message = 'went wrong') {
  const options: ClusterErrorOptions = { message, ...(status !== undefined && { status }) }
  return new ClusterError(kind, options)
}
