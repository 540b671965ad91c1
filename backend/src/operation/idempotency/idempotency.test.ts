import { randomUUID } from 'node:crypto'
import { startApiServer, type ApiServer } from '@hub/demo'
import { Deployment, Problem } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { selectAuditRows } from '#audit'
import { createSealedText } from '#secrets'
import { contextOf } from '../../../test/contexts.ts'
import { readContents } from '../../../test/database-contents.ts'
import { databases, type TestDatabase } from '../../../test/databases.ts'
import type { Browser } from '../../../test/hub.ts'
import { loseAnswers } from '../../../test/lose-answers.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../../test/odd-identity-provider.ts'
import { startReplicas, type Replicas } from '../../../test/replicas.ts'
import { createKeys } from './keys.ts'
import { deleteExpiredKeys } from './store.ts'

const soon = { timeout: 20_000, interval: 25 }
const kind = 'modeldeployments.airunway.ai'
const collection = '/api/instances/prod/namespaces/default/deployments'
const dayMs = 24 * 60 * 60_000
const bodyOf = (name: string, id = 'Qwen/Qwen3-8B') => ({ name, spec: { model: { id } } })

describe.each(databases)('a request with an Idempotency-Key on $dialect', ({ dialect, open }) => {
  let cluster: ApiServer
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let replicas: Replicas
  let bob: Browser
  let isLosing = false

  beforeAll(async () => {
    ;[cluster, database, identityProvider] = await Promise.all([
      startApiServer({ onRequest: loseAnswers(({ url }) => isLosing && isOfDeployments(url)) }),
      open(),
      startOddIdentityProvider(),
    ])
    replicas = await startReplicas({
      dialect,
      database,
      identityProvider,
      credentials: { prod: cluster.kubeconfig('client-certificate') },
      env: {
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:bob', role: 'deployer' },
          { principal: 'oidc:eve', role: 'deployer' },
        ]),
      },
    })
    bob = replicas.here.browser()
    await bob.signIn('bob')
    for (const { fleet } of [replicas.here, replicas.there]) {
      await vi.waitFor(() => expect(fleet.instanceState('prod').synced).toBe(true), soon)
    }
  }, 60_000)
  afterAll(async () => {
    await replicas?.stop()
    await Promise.all([cluster?.stop(), database?.dispose(), identityProvider?.stop()])
  })

  const isOfDeployments = (url = '') => url.includes('/modeldeployments')
  const send = (key: string, body: object, who = bob, query = '') =>
    who.request(collection + query, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
    })
  const codeOf = async (answer: Response) => Problem.parse(await answer.json()).code
  const stored = (name: string) => cluster.storage.find(kind, 'default', name)?.object
  const rowsOf = async (name: string) =>
    (await selectAuditRows(database.db, 200)).filter(({ target }) => target?.['name'] === name)
  const keptRows = async () => (await readContents(database.db))['idempotencyKeys']!

  test('is answered the same again, on whichever replica, and done once', async () => {
    const key = randomUUID()
    const first = await send(key, bodyOf('once'))
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null])
    const text = await first.text()
    const { uid } = Deployment.parse(JSON.parse(text))
    for (const who of [bob, replicas.atOther(bob)]) {
      const again = await send(key, bodyOf('once'), who)
      expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true'])
      expect(again.headers.get('content-type')).toContain('application/json')
      expect(await again.text()).toBe(text)
    }
    expect(stored('once')?.metadata.uid).toBe(uid)
    expect((await rowsOf('once')).map(({ outcome }) => outcome)).toEqual(['success', 'attempt'])
    const [row = ''] = await keptRows()
    expect(row).not.toMatch(/Qwen3-8B|oidc:bob|prod-east/)
    expect(row).not.toContain(key)
  })

  test('with another body is refused, and by somebody else is another request', async () => {
    const key = randomUUID()
    expect((await send(key, bodyOf('mine'))).status).toBe(201)
    const other = await send(key, bodyOf('mine', 'another/model'))
    expect([other.status, await codeOf(other)]).toEqual([422, 'idempotency-key-reused'])
    const eve = replicas.here.browser()
    await eve.signIn('eve')
    const theirs = await send(key, bodyOf('mine'), eve)
    expect([theirs.status, await codeOf(theirs)]).toEqual([409, 'deployment-exists'])
  })

  test('that is refused is forgotten, and a dry run is not remembered', async () => {
    const before = (await keptRows()).length
    const key = randomUUID()
    const wrong = { name: 'refused', spec: { model: { id: 'a/b' }, scaling: { replicas: 0 } } }
    expect((await send(key, wrong)).status).toBe(400)
    expect((await send(key, bodyOf('once'))).status).toBe(409)
    expect((await send(key, bodyOf('tried'), bob, '?dryRun=All')).status).toBe(200)
    expect((await keptRows()).length).toBe(before)
    expect((await send(key, bodyOf('tried'))).status).toBe(201)
  })

  test('is no key that cannot be written in a header', async () => {
    for (const key of ['x'.repeat(256), 'with space']) {
      const answer = await send(key, bodyOf('none'))
      expect([answer.status, await codeOf(answer)]).toEqual([400, 'invalid-request'])
    }
    expect(stored('none')).toBeUndefined()
  })

  test('is in use while it runs, on every replica', async () => {
    const key = randomUUID()
    await cluster.faults.set({ kind: 'slow', delayMs: 1_000 })
    const first = send(key, bodyOf('slow'))
    await vi.waitFor(async () => expect(await rowsOf('slow')).not.toEqual([]), soon)
    const second = await send(key, bodyOf('slow'), replicas.atOther(bob))
    expect([second.status, second.headers.get('retry-after')]).toEqual([409, '2'])
    expect(await codeOf(second)).toBe('idempotency-key-in-use')
    expect((await first).status).toBe(201)
    await cluster.faults.set(null)
    expect((await send(key, bodyOf('slow'), replicas.atOther(bob))).status).toBe(201)
    expect((await rowsOf('slow')).map(({ outcome }) => outcome)).toEqual(['success', 'attempt'])
  })

  test('whose answer was lost is found by what it made, and not made again', async () => {
    const key = randomUUID()
    isLosing = true
    const lost = await send(key, bodyOf('lost'))
    isLosing = false
    const problem = Problem.parse(await lost.json())
    expect([lost.status, problem.outcome]).toEqual([502, 'unknown'])
    const { uid } = stored('lost')!.metadata
    const again = await send(key, bodyOf('lost'), replicas.atOther(bob))
    expect(again.status).toBe(201)
    expect(Deployment.parse(await again.json()).uid).toBe(uid)
    expect((await rowsOf('lost')).filter(({ outcome }) => outcome === 'attempt')).toHaveLength(1)
    expect((await send(key, bodyOf('lost'))).headers.get('idempotency-replayed')).toBe('true')
  })

  test('whose outcome the cluster does not tell stays open until it does', async () => {
    const key = randomUUID()
    isLosing = true
    expect((await send(key, bodyOf('away'))).status).toBe(502)
    isLosing = false
    await cluster.faults.set({ kind: 'server-error' })
    const away = Problem.parse(await (await send(key, bodyOf('away'))).json())
    expect(away.outcome).toBe('unknown')
    expect(away.detail).toContain('is not known yet: try again with the same Idempotency-Key')
    await cluster.faults.set(null)
    await vi.waitFor(async () => expect((await send(key, bodyOf('away'))).status).toBe(201), soon)
    expect((await rowsOf('away')).filter(({ outcome }) => outcome === 'attempt')).toHaveLength(1)
  })

  test('of a hub that died is taken over after a minute', async () => {
    const key = randomUUID()
    expect((await send(key, bodyOf('taken'))).status).toBe(201)
    // As that hub left it: begun, held and never answered.
    const { idempotencyKeys: table } = database.db.tables
    await database.db.transaction(async (tx) => {
      const rows = await tx.queries.select().from(table)
      const newest = rows.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0]!
      await tx.queries.delete(table)
      await tx.queries.insert(table).values({ ...newest, status: null, doneSealed: null })
    })
    const early = await send(key, bodyOf('taken'))
    expect([early.status, await codeOf(early)]).toEqual([409, 'idempotency-key-in-use'])
    replicas.advance(61_000)
    const late = await send(key, bodyOf('taken'), replicas.atOther(bob))
    expect(late.status).toBe(201)
    expect((await rowsOf('taken')).map(({ outcome }) => outcome)).toEqual(['success', 'attempt'])
  })

  test('is forgotten after a day', async () => {
    const { db } = database
    const keys = createKeys(createSealedText(['a secret of thirty-two characters']))
    const start = Date.now()
    const takeAt = (ageMs: number) => {
      const now = () => new Date(start + ageMs)
      const asked = { operation: 'any', key: 'daily', input: { a: 1 } }
      return keys.take(contextOf([], { db, now }), asked)
    }
    const first = await takeAt(0)
    if (!('held' in first)) throw new Error('It is new.')
    await first.held.keepAnswer(201, '{}')
    expect(await takeAt(dayMs - 1)).toEqual({ status: 201, text: '{}' })
    expect((await keptRows()).length).toBeGreaterThan(1)
    await db.transaction((tx) => deleteExpiredKeys(tx, new Date(start + dayMs)))
    expect((await keptRows()).length).toBe(1)
    expect(await takeAt(dayMs - 1)).toEqual({ status: 201, text: '{}' })
    const next = await takeAt(dayMs)
    if (!('held' in next)) throw new Error('It is new again.')
    await next.held.forget()
    expect(await keptRows()).toEqual([])
  })
})
