import { randomUUID } from 'node:crypto'
import { createKubeClient, startApiServer, type ApiServer } from '@hub/demo'
import { TargetOutcome, TargetOutcomes } from '@hub/shared'
import { beforeAll, expect, test, vi } from 'vitest'
import { selectAuditRows } from '../../audit/store.ts'
import { describeHub } from '../../../test/describe-hub.ts'
import type { Browser } from '../../../test/hub.ts'
import { loseAnswers } from '../../../test/lose-answers.ts'

const soon = { timeout: 20_000, interval: 25 }
const kind = 'modeldeployments.airunway.ai'
const spec = { model: { id: 'Qwen/Qwen3-8B' } }
const namespaces = Array.from({ length: 17 }, (_, index) => `team-${index}`)
const ids = ['good', 'lossy', 'refusing', 'broken'] as const

let clusters: Record<(typeof ids)[number], ApiServer>
let isLosing = false
const lose = loseAnswers(({ url = '' }) => isLosing && url.includes('/modeldeployments'))

describeHub(
  'one model for several places',
  async ({ defer }) => {
    const started = await Promise.all(
      ids.map((id) => startApiServer(id === 'lossy' ? { onRequest: lose } : {})),
    )
    clusters = Object.fromEntries(ids.map((id, at) => [id, started[at]!])) as typeof clusters
    defer(() => Promise.all(started.map((cluster) => cluster.stop())))
    const client = createKubeClient(clusters.good.kubeconfig('client-certificate'))
    for (const name of namespaces) {
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
      await client.request('POST', '/api/v1/namespaces', { body })
    }
    await client.close()
    return {
      env: {
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:bob', role: 'deployer' },
          { principal: 'oidc:eve', role: 'deployer', instanceId: 'good', namespaces: ['team-0'] },
          { principal: 'oidc:eve', role: 'viewer', instanceId: 'lossy' },
        ]),
      },
      credentials: Object.fromEntries(
        ids.map((id) => [id, clusters[id].kubeconfig('client-certificate')]),
      ),
    }
  },
  (world) => {
    let bob: Browser
    let eve: Browser

    beforeAll(async () => {
      ;[bob, eve] = [world.hub.browser(), world.hub.browser()]
      await bob.signIn('bob')
      await eve.signIn('eve')
      for (const id of ids) {
        await vi.waitFor(() => expect(world.hub.fleet.instanceState(id).synced).toBe(true), soon)
      }
    })

    const send = (
      who: Browser,
      body: object,
      { key, query = '', accept }: { key?: string; query?: string; accept?: string } = {},
    ) =>
      who.request(`/api/deployments${query}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: {
          'content-type': 'application/json',
          ...(key !== undefined && { 'idempotency-key': key }),
          ...(accept !== undefined && { accept }),
        },
      })
    const outcomesOf = async (answer: Response) => {
      expect(answer.status).toBe(200)
      return TargetOutcomes.parse(await answer.json()).items
    }
    const good = namespaces.map((namespace) => ({ instance: 'good', namespace }))
    const placed = (name: string) =>
      ids.flatMap((id) =>
        [...namespaces, 'default'].flatMap((namespace) =>
          clusters[id].storage.find(kind, namespace, name) ? [`${id}/${namespace}`] : [],
        ),
      )
    const rowsOf = async (requestId: string) =>
      (await selectAuditRows(world.database.db, 1_000)).filter((row) => row.requestId === requestId)

    test('20 targets, of which 3 die in the middle: 17 are done, 3 are named and done by a retry', async () => {
      const name = 'everywhere'
      const at = (instance: string) => ({ instance, namespace: 'default' })
      const targets = [
        ...good.slice(0, 6),
        at('lossy'),
        at('refusing'),
        at('broken'),
        ...good.slice(6),
      ]
      const key = randomUUID()
      isLosing = true
      await clusters.refusing.faults.set({ kind: 'refuse' })
      await clusters.broken.faults.set({ kind: 'server-error' })
      const first = await send(bob, { name, spec, targets }, { key })
      const requestId = first.headers.get('x-request-id')!
      const items = await outcomesOf(first)
      expect(items.map(({ instance, namespace }) => ({ instance, namespace }))).toEqual(targets)
      expect(items.filter(({ outcome }) => outcome === 'done')).toHaveLength(17)
      expect(
        items
          .filter(({ outcome }) => outcome !== 'done')
          .map(({ instance, outcome, problem }) => [instance, outcome, problem?.code]),
      ).toEqual([
        ['lossy', 'unknown', 'instance-unreachable'],
        ['refusing', 'failed', 'instance-unreachable'],
        ['broken', 'unknown', 'instance-error'],
      ])
      expect((await rowsOf(requestId)).filter(({ outcome }) => outcome === 'attempt')).toHaveLength(
        20,
      )

      isLosing = false
      await clusters.refusing.faults.set(null)
      await clusters.broken.faults.set(null)
      let again: TargetOutcome[] = []
      let last = ''
      await vi.waitFor(async () => {
        const answer = await send(bob, { name, spec, targets }, { key })
        last = answer.headers.get('x-request-id')!
        again = await outcomesOf(answer)
        expect(again.every(({ outcome }) => outcome === 'done')).toBe(true)
      }, soon)
      expect(again.filter(({ instance }) => instance === 'good')).toEqual(
        items.filter(({ instance }) => instance === 'good'),
      )
      expect(placed(name)).toHaveLength(20)
      // What the lost answer made is found, and never sent again.
      const retried = (await rowsOf(last)).map(({ target }) => target?.['instance'])
      expect(retried).not.toContain('lossy')
      expect(retried).not.toContain('good')
    }, 60_000)

    test('each comes as an event to who accepts a stream, and the end says how many', async () => {
      const targets = [...good.slice(0, 3), { instance: 'none', namespace: 'default' }]
      const answer = await send(
        bob,
        { name: 'streamed', spec, targets },
        { accept: 'text/event-stream', key: randomUUID() },
      )
      expect(answer.headers.get('content-type')).toBe('text/event-stream')
      const events = (await answer.text())
        .split('\n\n')
        .filter((block) => block !== '')
        .map((block) => {
          const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block)!
          return { event, data: JSON.parse(data!) as unknown }
        })
      expect(events.at(-1)).toEqual({ event: 'end', data: { done: 3, failed: 1, unknown: 0 } })
      const outcomes = events.slice(0, -1).map(({ data }) => TargetOutcome.parse(data))
      expect(outcomes).toHaveLength(4)
      expect(outcomes.find(({ instance }) => instance === 'none')?.problem?.code).toBe('not-found')
      expect(placed('streamed')).toHaveLength(3)
    })

    test('each is authorized by itself: a refusal is a row and an outcome, and what is hidden is not there', async () => {
      const targets = [
        { instance: 'good', namespace: 'team-0' },
        { instance: 'good', namespace: 'team-1' },
        { instance: 'lossy', namespace: 'default' },
        { instance: 'broken', namespace: 'default' },
        { instance: 'no-such', namespace: 'default' },
      ]
      const answer = await send(eve, { name: 'theirs', spec, targets })
      const items = await outcomesOf(answer)
      expect(items.map(({ outcome, problem }) => [outcome, problem?.code])).toEqual([
        ['done', undefined],
        ['failed', 'forbidden'],
        ['failed', 'forbidden'],
        ['failed', 'not-found'],
        ['failed', 'not-found'],
      ])
      const withoutName = (text = '') => text.replaceAll(/broken|no-such/g, '…')
      expect(withoutName(items[3]!.problem?.detail)).toBe(withoutName(items[4]!.problem?.detail))
      const rows = await rowsOf(answer.headers.get('x-request-id')!)
      expect(rows.map(({ action, outcome }) => `${action} ${outcome}`).toSorted()).toEqual([
        'access.denied denied',
        'access.denied denied',
        'access.denied denied',
        'access.denied denied',
        'deployment.create attempt',
        'deployment.create success',
      ])
      expect(placed('theirs')).toEqual(['good/team-0'])
    })

    test('a dry run asks every cluster and keeps nothing; a place named twice counts once', async () => {
      const [one, two] = good as [(typeof good)[0], (typeof good)[0]]
      const body = { name: 'tried', spec, targets: [one, two, one] }
      const items = await outcomesOf(await send(bob, body, { query: '?dryRun=All' }))
      expect(items.map(({ outcome }) => outcome)).toEqual(['done', 'done'])
      expect(placed('tried')).toEqual([])
    })
  },
)
