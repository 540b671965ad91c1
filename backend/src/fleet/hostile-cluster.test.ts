import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { systemTiming, type Timing } from '#kube'
import { contextOf, grant } from '../../test/contexts.ts'
import { useTestDirectory } from '../../test/credentials-directory.ts'
import { startTestServer } from '../../test/https-server.ts'
import { renderKubeconfig } from '../../test/kubeconfigs.ts'
import { quietLog } from '../../test/quiet-log.ts'
import { createFleet } from './create-fleet.ts'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const soon = { timeout: 40_000, interval: 20 }
const directory = useTestDirectory()

/** What a cluster answers to a list or a watch of deployments; false for what any cluster would. */
type Answer = (request: IncomingMessage, response: ServerResponse) => boolean

describe('a hostile cluster beside one that is well', () => {
  it.each<[string, Answer, RegExp]>([
    [
      'a list that never ends',
      answerEndlessList,
      /lists them without end: the same page came twice/,
    ],
    ['an object without end', answerEndlessObject, /has an object of more than 2 MiB/],
    [
      'a watch that never stops',
      answerEndlessWatch,
      /has more of them than|changes them more than/,
    ],
    ['a line without end', answerEndlessLine, /sent a line of more than/],
  ])('H1: %s stops that kind there, says so, and nobody else notices', async (_, answer, words) => {
    const { fleet, instances } = await start({ bad: answer, good: () => false })
    await vi.waitFor(() => {
      const state = fleet.instanceState('bad')
      expect(state.reason).toMatch(words)
    }, soon)
    // What was too much is kept no more; after a line that nobody can read the last good list is.
    expect(fleet.list({ instance: 'bad' })).toHaveLength(answer === answerEndlessLine ? 1 : 0)
    await vi.waitFor(() => expect(instances.find('bad')?.status.state).toBe('degraded'), soon)
    expect(instances.find('bad')?.status.reason).toMatch(
      /^The hub cannot read deployments of instance "bad"\. .*\.$/,
    )
    await vi.waitFor(() => {
      expect(instances.find('good')?.status).toMatchObject({ state: 'ready', reason: null })
      expect(fleet.instanceState('good').synced).toBe(true)
    }, soon)
    expect(fleet.list({ instance: 'good' }).map(({ name }) => name)).toEqual(['well'])
  })

  it('H10: whose lists all answer 410 is not ready', async () => {
    const { fleet, instances } = await start({ bad: answerGone, good: () => false })
    await vi.waitFor(() => {
      expect(instances.find('bad')?.status).toMatchObject({
        state: 'degraded',
        reason: expect.stringMatching(
          /^The hub cannot read deployments of instance "bad"\. Instance "bad" no longer has/,
        ) as string,
      })
    }, soon)
    expect(fleet.instanceState('bad').synced).toBe(false)
    await vi.waitFor(() => expect(instances.find('good')?.status.state).toBe('ready'), soon)
  })

  it('H10: whose lists never end in time is not ready, though it answers every probe', async () => {
    const trickle: Answer = (request, response) => {
      if (isWatch(request)) return false
      begin(response)
      return response.write('{"metadata":{')
    }
    const { instances } = await start({ bad: trickle, good: () => false }, { timing: hasten(30) })
    await vi.waitFor(() => {
      expect(instances.find('bad')?.status).toMatchObject({
        state: 'degraded',
        reason: 'The deployments of instance "bad" are still being read for the first time.',
      })
    }, soon)
    await vi.waitFor(() => expect(instances.find('good')?.status.state).toBe('ready'), soon)
  })

  it('H10: whose watches went silent is not ready or complete, and what was deleted goes', async () => {
    let isGone = false
    const silent: Answer = (request, response) => {
      if (isWatch(request)) {
        if (isGone) return false
        begin(response)
        const object = { metadata: { resourceVersion: '6' } }
        return response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
      }
      begin(response)
      const items = isGone ? [] : [deployment('ghost', 1)]
      response.end(JSON.stringify({ metadata: { resourceVersion: '5' }, items }))
      return true
    }
    const { fleet, instances } = await start({ bad: silent }, { timing: hasten(30) })
    await vi.waitFor(() => expect(fleet.list()).toHaveLength(1), soon)
    isGone = true
    await vi.waitFor(() => expect(fleet.list()).toHaveLength(0), soon)
    await vi.waitFor(() => {
      expect(instances.find('bad')?.status).toMatchObject({
        state: 'degraded',
        reason: expect.stringContaining('no longer reports changes') as string,
      })
    }, soon)
    expect(fleet.instanceState('bad')).toMatchObject({
      synced: false,
      reason: expect.stringContaining('may be up to three minutes old') as string,
    })
    const { heardAt } = fleet.describeInstance(contextOf([grant('viewer')]), 'bad')
    expect(Date.parse(heardAt!)).toBeLessThanOrEqual(Date.now())
  })
})

async function start(clusters: Record<string, Answer>, options: { timing?: Timing } = {}) {
  for (const [name, answer] of Object.entries(clusters)) {
    const server = await startTestServer((request, response) => {
      if (request.url!.includes('/modeldeployments') && answer(request, response)) return
      answerAsUsual(request, response)
    })
    directory.defer(server.stop)
    directory.write(`${name}.kubeconfig`, renderKubeconfig(server.credential))
  }
  const instances = await directory.start({ probeIntervalMs: 1_000 })
  const fleet = createFleet({ instances, log: quietLog, now: () => new Date(), ...options })
  directory.defer(() => fleet.stop())
  return { fleet, instances }
}

/** Time that passes so many times faster, for what waits minutes. */
function hasten(times: number): Timing {
  return {
    ...systemTiming,
    now: () => systemTiming.now() * times,
    setTimeout: (run, ms) => systemTiming.setTimeout(run, ms / times),
  }
}

function answerAsUsual(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url!, 'https://cluster')
  const answer = (body: unknown) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
  if (searchParams.has('watch')) {
    response.writeHead(200, { 'content-type': 'application/json' })
    return response.flushHeaders()
  }
  if (pathname === '/version') return answer({ gitVersion: 'v1.36.0' })
  if (pathname === '/apis/airunway.ai/v1alpha1') {
    return answer({ resources: [{ name: 'modeldeployments' }] })
  }
  if (pathname.endsWith('/kube-system')) return answer({ metadata: { uid: request.headers.host } })
  const items = pathname.endsWith('/modeldeployments') ? [deployment('well', 1)] : []
  answer({ kind: 'List', metadata: { resourceVersion: '5' }, items })
}

function isWatch({ url }: IncomingMessage): boolean {
  return url!.includes('watch=true')
}

function deployment(name: string, version: number) {
  return {
    metadata: { name, namespace: 'team', uid: `uid-${name}`, resourceVersion: String(version) },
    spec: { model: { id: 'a/b' } },
    status: { message: 'x'.repeat(4_000) },
  }
}

function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
}

/** Writes as fast as it is read. */
function pour(response: ServerResponse, next: () => string): void {
  const write = () => {
    while (!response.destroyed) {
      if (!response.write(next())) return void response.once('drain', write)
    }
  }
  write()
}

function answerEndlessList(request: IncomingMessage, response: ServerResponse): boolean {
  if (isWatch(request)) return false
  begin(response)
  const items = Array.from({ length: 500 }, (_, index) => deployment(`d${index}`, index))
  response.end(JSON.stringify({ metadata: { resourceVersion: '5', continue: 'again' }, items }))
  return true
}

function answerEndlessObject(request: IncomingMessage, response: ServerResponse): boolean {
  if (isWatch(request)) return false
  begin(response)
  response.write('{"metadata":{"resourceVersion":"5"},"items":[{"spec":"')
  pour(response, () => 'x'.repeat(65_536))
  return true
}

function answerEndlessWatch(request: IncomingMessage, response: ServerResponse): boolean {
  if (!isWatch(request)) return false
  begin(response)
  let number = 100
  pour(response, () => {
    number += 1
    const object = deployment(`d${number}`, number)
    return `${JSON.stringify({ type: 'ADDED', object })}\n`
  })
  return true
}

function answerEndlessLine(request: IncomingMessage, response: ServerResponse): boolean {
  if (!isWatch(request)) return false
  begin(response)
  response.write('{"type":"ADDED","object":{"a":"')
  pour(response, () => 'x'.repeat(65_536))
  return true
}

function answerGone(request: IncomingMessage, response: ServerResponse): boolean {
  if (isWatch(request)) return false
  response.writeHead(410, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }))
  return true
}
