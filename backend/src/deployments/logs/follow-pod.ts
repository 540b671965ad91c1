import type { LogsQuery } from '@hub/shared'
import { AppError } from '#errors'
import type { FleetPod } from '#fleet'
import { createLineSender, type LogOutbox } from './deliver-lines.ts'
import type { LogStart } from './keep-past.ts'
import { toBatch, type LineBatch } from './read-lines.ts'
import type { LineTaker } from './share-logs.ts'

export type FollowOptions = {
  /** The lines of one container from there on, until they end; `restarts` tells which of those that had its name. */
  read: (
    of: { container: string | null; restarts: number },
    start: LogStart & { sinceSeconds?: number },
    taker: LineTaker,
  ) => Promise<void>
  query: LogsQuery
  /** The pod as it is known now; null once it is gone. */
  find: () => FleetPod | null
  outbox: LogOutbox
  /** Resolves after so long, or at the end. */
  wait: (ms: number) => Promise<void>
  signal: AbortSignal
}

const tailDefault = 200
const lookMs = 500
const settleLooks = 10
const failuresMax = 8
const notBegun = 'The pod has not begun yet.'

/** The log of one pod, until it ends: across restarts and lost connections where it is followed. Says why it ends. */
export async function followPod(pod: FleetPod, options: FollowOptions): Promise<void> {
  const { find, outbox, query, signal, wait } = options
  const tell: Tell = (state, reason) => outbox.send({ type: 'pod', pod: pod.name, state, reason })
  const container = await chooseContainer(pod, options, tell)
  const sender = createLineSender(outbox, { pod: pod.name, container })
  let lastAt: string | null = null
  /** Up to there it was read before the connection was lost. */
  let skipTo: string | null = null
  let restarts = restartsOf(find() ?? pod, container)
  let failures = 0

  const take = (batch: LineBatch) => {
    failures = 0
    // After a lost connection the cluster begins at a whole second.
    const first = skipTo === null ? 0 : batch.lines.findIndex(({ at }) => isAfter(at, skipTo))
    if (first === -1) return
    skipTo = null
    lastAt = batch.lines.at(-1)?.at ?? lastAt
    sender.send(first === 0 ? batch : toBatch(batch.lines.slice(first)))
  }
  const onOpen = () => outbox.write({ type: 'pod', pod: pod.name, state: 'open', reason: null })

  const resume = () => {
    if (lastAt !== null) from = { sinceTime: lastAt }
    skipTo = lastAt
  }
  let from: LogStart & { sinceSeconds?: number } = {
    tailLines: query.tail ?? tailDefault,
    ...(query.since !== undefined && { sinceSeconds: query.since }),
  }
  while (!signal.aborted) {
    const waiting = describeWaiting(find() ?? pod, container)
    if (waiting !== null && !query.previous) {
      await tell(query.follow ? 'waiting' : 'ended', waiting)
      if (!query.follow) return
      while (!signal.aborted && describeWaiting(find() ?? pod, container) === waiting) {
        if (find() === null) return tell('ended', 'The pod is gone.')
        await wait(lookMs)
      }
      continue
    }
    try {
      await options.read({ container, restarts }, from, { onOpen, take })
      await sender.flush()
    } catch (error) {
      if (signal.aborted) return
      failures += 1
      const why = error instanceof AppError ? error.detail : 'The log broke off.'
      if (!query.follow || failures >= failuresMax) return tell('ended', why)
      await tell('retrying', why)
      await wait(Math.min(10_000, 500 * 2 ** failures))
      resume()
      continue
    }
    if (!query.follow || query.previous) return tell('ended', null)
    const end = await settle(options, pod, container, restarts)
    if (end.reason !== null) return tell('ended', end.reason)
    if (signal.aborted) return
    await tell('restarting', end.restarting)
    if (end.restarts === restarts) {
      resume()
      continue
    }
    // All that the new container writes.
    restarts = end.restarts
    from = {}
    lastAt = null
  }
}

type Tell = (
  state: 'waiting' | 'restarting' | 'retrying' | 'ended',
  reason: string | null,
) => Promise<void>

/** A pod that nothing ran in yet does not tell its containers, and which of several is meant has to be said. */
async function chooseContainer(
  pod: FleetPod,
  { find, query, signal, wait }: FollowOptions,
  tell: Tell,
): Promise<string | null> {
  let told: string | null = null
  for (;;) {
    const now = find()
    const container = query.container ?? firstContainer(now ?? pod)
    if (container !== null || now === null || !query.follow || signal.aborted) return container
    const waiting = describeWaiting(now, null) ?? notBegun
    if (waiting !== told) await tell('waiting', waiting)
    told = waiting
    await wait(lookMs)
  }
}

/** What became of a container whose log ended: why nothing comes any more, or that it runs again. */
async function settle(
  { find, signal, wait }: FollowOptions,
  pod: FleetPod,
  container: string | null,
  restarts: number,
): Promise<{ reason: string | null; restarts: number; restarting: string }> {
  for (let looks = 0; !signal.aborted; looks += 1) {
    const now = find()
    const next = { reason: null, restarts, restarting: 'The container starts again.' }
    if (now === null || now.uid !== pod.uid) return { ...next, reason: 'The pod is gone.' }
    const facts = now.detail?.containers.find(({ name }) => name === container)
    const ended = facts?.state === 'terminated' ? facts : facts?.last
    const how = ended ? `exit ${ended.exitCode ?? '?'}, ${ended.reason ?? 'no reason'}` : null
    if (now.phase === 'Succeeded' || now.phase === 'Failed') {
      return { ...next, reason: `The pod has ended${how === null ? '' : ` (${how})`}.` }
    }
    if (facts && facts.restarts > restarts && facts.state === 'running') {
      return {
        ...next,
        restarts: facts.restarts,
        restarting: `The container started again${how === null ? '' : ` (${how})`}.`,
      }
    }
    if (now.detail?.isDeleting && looks >= settleLooks) {
      return { ...next, reason: 'The pod is being deleted.' }
    }
    // The stream ended, and the container runs on: the way to it broke.
    if (facts?.state === 'running' && looks >= settleLooks) {
      return { ...next, restarting: 'The log is opened again.' }
    }
    await wait(lookMs)
  }
  return { reason: null, restarts, restarting: '' }
}

function firstContainer({ detail }: FleetPod): string | null {
  return detail?.containers.find(({ isInit }) => !isInit)?.name ?? null
}

function restartsOf({ detail }: FleetPod, container: string | null): number {
  return detail?.containers.find(({ name }) => name === container)?.restarts ?? 0
}

/** Why there is no log yet; null where there may be one. */
function describeWaiting({ detail, node }: FleetPod, container: string | null): string | null {
  if (node === null) return 'No node has taken the pod yet.'
  const facts = detail?.containers.find(({ name }) => name === container)
  if (facts === undefined) return detail?.containers.length === 0 ? notBegun : null
  if (facts.state !== 'waiting' || facts.restarts > 0 || facts.last !== null) return null
  return `The container has not started yet (${facts.reason ?? 'waiting'}).`
}

/** Times of one length compare as texts do, and the kubelet writes nine digits; others are looked at. */
function isAfter(at: string | null, than: string | null): boolean {
  if (at === null || than === null) return true
  if (at.length === than.length) return at > than
  return Date.parse(at) > Date.parse(than)
}
