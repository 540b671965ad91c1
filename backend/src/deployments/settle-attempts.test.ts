import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { startApiServer, type ApiServer } from '@hub/demo'
import { Deployment, Problem } from '@hub/shared'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { describeHub } from '../../test/describe-hub.ts'
import type { Browser } from '../../test/hub.ts'
import { beginAttempt, type AttemptedChange } from '../audit/attempts.ts'
import { selectAuditRows } from '../audit/store.ts'
import { contextOf, grant } from '../../test/contexts.ts'
import { quietLog } from '../../test/quiet-log.ts'
import { judgeAttempt, settleAttempts } from './settle-attempts.ts'

const soon = { timeout: 20_000, interval: 25 }
const group = 'airunway.ai'
const kind = `modeldeployments.${group}`
const collection = '/api/instances/prod/namespaces/default/deployments'
const spec = { model: { id: 'a/b' } }
const minute = 60_000
const hour = 60 * minute

let cluster: ApiServer
/** Looks at each request of the hub to the cluster. */
let onRequest: (request: IncomingMessage) => void = () => {}
const startCluster = async ({ defer }: { defer: (end: () => unknown) => void }) => {
  cluster = await startApiServer({ onRequest: (request) => onRequest(request) })
  defer(() => cluster.stop())
  const credentials = { prod: cluster.kubeconfig('client-certificate') }
  return { env: { HUB_ADMINS: 'oidc:root' }, credentials }
}

describeHub('changes of unknown outcome,', startCluster, (world) => {
  let root: Browser

  beforeAll(async () => {
    root = world.hub.browser()
    await root.signIn('root')
    await vi.waitFor(() => expect(world.hub.fleet.instanceState('prod').synced).toBe(true), soon)
  })

  const rowsOf = async (requestId: string) =>
    (await selectAuditRows(world.database.db, 1_000))
      .filter((row) => row.requestId === requestId)
      .toReversed()
  const settle = (afterMs: number) =>
    settleAttempts({
      db: world.database.db,
      now: () => new Date(Date.now() + afterMs),
      log: quietLog,
      instances: world.hub.instances,
    })
  /** As a hub leaves it that died after it had sent the change. */
  const attempt = async (change: Omit<AttemptedChange, 'evidence'>, uid?: string) => {
    const requestId = randomUUID()
    const { apiGroup, clusterUid } = world.hub.instances.find('prod')!
    const ctx = contextOf([grant('deployer')], { db: world.database.db, requestId })
    await beginAttempt(ctx, { ...change, evidence: { apiGroup, clusterUid, uid } })
    return requestId
  }
  const creation = (name: string) => ({
    action: 'deployment.create' as const,
    target: { instance: 'prod', namespace: 'default', name },
  })

  test('H9: a connection that is cut after the cluster took a change is unknown, then found to be done', async () => {
    let mute: IncomingMessage['socket'] | null = null
    onRequest = (request) => {
      if (request.method !== 'POST' || !request.url!.includes('modeldeployments')) return
      mute = request.socket
      mute.write = () => true
    }
    const asked = root.send('POST', collection, { name: 'cut', spec })
    await vi.waitFor(() => expect(cluster.storage.find(kind, 'default', 'cut')).toBeDefined(), soon)
    mute!.destroy()
    const response = await asked
    onRequest = () => {}
    expect(response.status).toBe(502)
    const problem = Problem.parse(await response.json())
    const { detail, requestId } = problem
    expect(problem).toMatchObject({ code: 'instance-unreachable', outcome: 'unknown' })
    expect(detail).toContain('may have been created anyway')
    await settle(0)
    const rows = await rowsOf(requestId)
    expect(rows.map((row) => row.outcome)).toEqual(['attempt', 'unknown', 'success'])
    expect(rows[2]).toMatchObject({
      actor: 'oidc:root',
      action: 'deployment.create',
      target: { instance: 'prod', namespace: 'default', name: 'cut' },
      reason: 'settled-present',
      after: { uid: cluster.storage.find(kind, 'default', 'cut')!.object.metadata.uid },
    })
  })

  test('a change whose answer is lost is unknown, then found by its mark', async () => {
    expect((await root.send('POST', collection, { name: 'cut-too', spec })).status).toBe(201)
    let mute: IncomingMessage['socket'] | null = null
    onRequest = (request) => {
      if (request.method !== 'PATCH') return
      mute = request.socket
      mute.write = () => true
    }
    const asked = root.request(`${collection}/cut-too`, {
      method: 'PATCH',
      body: JSON.stringify({ spec: { scaling: { replicas: 2 } } }),
      headers: { 'content-type': 'application/json' },
    })
    await vi.waitFor(() => {
      const stored = cluster.storage.find(kind, 'default', 'cut-too')
      expect(stored?.object['spec'].scaling.replicas).toBe(2)
    }, soon)
    mute!.destroy()
    const problem = Problem.parse(await (await asked).json())
    onRequest = () => {}
    expect(problem).toMatchObject({ outcome: 'unknown' })
    expect(problem.detail).toContain('may have been changed anyway')
    await settle(0)
    const rows = await rowsOf(problem.requestId)
    expect(rows.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'deployment.update attempt',
      'deployment.update unknown',
      'deployment.update success',
    ])
  })

  test('H9: the 500 of a cluster that may be late is unknown, never "failed"', async () => {
    await cluster.faults.set({ kind: 'server-error' })
    const response = await root.send('POST', collection, { name: 'late', spec })
    await cluster.faults.set(null)
    const { detail, requestId } = Problem.parse(await response.json())
    expect(detail).toContain('may have been created anyway')
    expect((await rowsOf(requestId)).map(({ outcome }) => outcome)).toEqual(['attempt', 'unknown'])
    // It may still come.
    await settle(0)
    expect(await rowsOf(requestId)).toHaveLength(2)
    await settle(5 * minute)
    expect((await rowsOf(requestId))[2]).toMatchObject({
      outcome: 'failure',
      reason: 'settled-absent',
    })
  })

  test('H9: what a hub that died did not write is written once, however many replicas look', async () => {
    const requestId = await attempt(creation('orphan'))
    await settle(0)
    expect(await rowsOf(requestId)).toHaveLength(1)
    await Promise.all(Array.from({ length: 4 }, () => settle(5 * minute)))
    await settle(6 * minute)
    expect((await rowsOf(requestId)).map(({ outcome }) => outcome)).toEqual(['attempt', 'failure'])
  })

  test('H9: a deletion nobody wrote the end of is settled by the uid that was meant', async () => {
    const created = await root.send('POST', collection, { name: 'doomed', spec })
    const { uid } = Deployment.parse(await created.json())
    const change = { ...creation('doomed'), action: 'deployment.delete' as const }
    const [kept, replaced] = [await attempt(change, uid), await attempt(change, 'an-earlier-one')]
    await settle(5 * minute)
    expect((await rowsOf(kept))[1]).toMatchObject({
      outcome: 'failure',
      reason: 'settled-present',
      after: { uid },
    })
    expect((await rowsOf(replaced))[1]).toMatchObject({
      outcome: 'success',
      reason: 'settled-absent',
    })
  })

  test('H9: what cannot be found out is unknown for good after a day, and never guessed at', async () => {
    const change = { ...creation('far'), target: { ...creation('far').target, instance: 'gone' } }
    const requestId = await attempt(change)
    await settle(23 * hour)
    expect(await rowsOf(requestId)).toHaveLength(1)
    await settle(25 * hour)
    await settle(26 * hour)
    expect((await rowsOf(requestId)).slice(1)).toMatchObject([
      { outcome: 'unknown', reason: 'not-settled' },
    ])
  })

  test('H9: the log is filtered and exported by the outcome "unknown"', async () => {
    const list = await root.get('/api/admin/audit?outcome=unknown')
    expect(list.status).toBe(200)
    const { items } = (await list.json()) as { items: { outcome: string }[] }
    expect(items.length).toBeGreaterThan(0)
    expect(new Set(items.map(({ outcome }) => outcome))).toEqual(new Set(['unknown']))
    const pipe = await root.get('/api/admin/audit/export?format=pipe&outcome=unknown')
    expect(await pipe.text()).toContain('RESULT: unknown')
  })
})

describe('judgeAttempt', () => {
  const occurredAt = new Date('2026-11-28T12:00:00Z')
  const at = (offsetMs: number) => new Date(occurredAt.getTime() + offsetMs).toISOString()
  const object = (metadata: Record<string, unknown>) => ({
    metadata: { name: 'llama', uid: 'a', resourceVersion: '7', ...metadata },
  })
  const mark = (requestId: string) => ({ annotations: { [`${group}/request-id`]: requestId } })
  const judge = (
    action: string,
    seen: Parameters<typeof judgeAttempt>[1],
    ageMs: number,
    uid = 'a',
  ) => {
    const attempt = {
      action,
      requestId: 'r',
      occurredAt,
      evidence: { apiGroup: group, uid, requestIdBefore: 'p' },
    }
    const found = judgeAttempt(attempt, seen, ageMs)
    return found && `${found.outcome} ${found.reason}`
  }

  test.each<[string, Parameters<typeof judgeAttempt>[1], number, string | null]>([
    ['absent at first', null, minute, null],
    ['absent', null, 3 * minute, 'failure settled-absent'],
    ['absent, hours later', null, 3 * hour, 'unknown not-settled'],
    [
      'there with its mark',
      object({ ...mark('r'), creationTimestamp: at(0) }),
      0,
      'success settled-present',
    ],
    [
      'there with its mark, hours later',
      object({ ...mark('r'), creationTimestamp: at(0) }),
      9 * hour,
      'success settled-present',
    ],
    ['another, older', object({ creationTimestamp: at(-hour) }), 0, 'failure settled-other'],
    ['another, of that time', object({ creationTimestamp: at(1_000) }), minute, null],
    [
      'another, of that time, later',
      object({ ...mark('q'), creationTimestamp: at(1_000) }),
      3 * minute,
      'unknown settled-other',
    ],
    ['without any metadata', {}, 3 * minute, 'unknown settled-other'],
  ])('H9: a creation whose object is %s', (_, seen, ageMs, found) => {
    expect(judge('deployment.create', seen, ageMs)).toBe(found)
  })

  test.each<[string, Parameters<typeof judgeAttempt>[1], number, string | null]>([
    ['absent', null, 0, 'success settled-absent'],
    ['another', object({ uid: 'b' }), 0, 'success settled-absent'],
    ['being deleted', object({ deletionTimestamp: at(0) }), 0, 'success settled-deleting'],
    ['there at first', object({}), minute, null],
    ['there', object({}), 3 * minute, 'failure settled-present'],
  ])('H9: a deletion whose object is %s', (_, seen, ageMs, found) => {
    expect(judge('deployment.delete', seen, ageMs)).toBe(found)
  })

  test.each<[string, Parameters<typeof judgeAttempt>[1], number, string | null]>([
    ['with its mark', object(mark('r')), 0, 'success settled-present'],
    ['as before, at first', object(mark('p')), minute, null],
    ['as before', object(mark('p')), 3 * minute, 'failure settled-other'],
    ['changed by a later request', object(mark('q')), 3 * minute, 'unknown settled-other'],
    ['absent at first', null, minute, null],
    ['absent', null, 3 * minute, 'unknown settled-absent'],
    ['another', object({ uid: 'b', ...mark('r') }), 3 * minute, 'unknown settled-absent'],
  ])('a change whose object is %s', (_, seen, ageMs, found) => {
    expect(judge('deployment.update', seen, ageMs)).toBe(found)
  })
})
