import {
  statusOfDeployment,
  type DeploymentExplanation,
  type DeploymentWait,
  type WaitQuery,
} from '@hub/shared'
import { isConcerned, type RequestContext } from '#context'
import { AppError, asAppError } from '#errors'
import type { FleetChange } from '#fleet'
import { systemTiming, type Timing } from '#kube'
import { limitPlaces, type Report } from '#operation'
import { checkAccess, recheckMs, type Rechecking } from '../check-access.ts'
import type { DeploymentCoordinates, DeploymentDeps } from '../deps.ts'
import { explainDeployment } from '../explain.ts'
import { createAlarms } from './alarms.ts'

export type WaitDeps = DeploymentDeps &
  Rechecking & {
    /** Ends all waits when it aborts. */
    ending?: AbortSignal
    timing?: Timing
  }

/** What is told of a wait while it goes on. */
type Waiting = { tell: Report; seconds: number }

export type DeploymentWaits = {
  /**
   * Until a deployment runs, needs somebody, is gone, or the time is over; its changes are told as they come. It costs
   * nothing meanwhile but a place. Throws what `explainDeployment` throws, `too-many-streams`, and `forbidden` where the
   * caller may not read it any more.
   */
  wait(
    ctx: RequestContext,
    at: DeploymentCoordinates,
    query: WaitQuery,
    tell?: Report,
  ): Promise<DeploymentWait>
}

const waitsPerPersonMax = 16
/** A state that somebody has to look after may pass by itself within it, as after a change. */
const settleMs = 5_000
/** Clients that hear nothing give up; the same words again tell them that it goes on. */
const beatMs = 10_000

export function createDeploymentWaits(deps: WaitDeps): DeploymentWaits {
  const takePlace = limitPlaces({
    most: waitsPerPersonMax,
    detail: `You wait for ${waitsPerPersonMax} deployments already. Wait for one of them to end, or stop it.`,
  })
  return {
    async wait(ctx, at, { seconds }, tell = () => {}) {
      const first = explainDeployment(ctx, deps, at)
      const giveBack = takePlace(ctx)
      try {
        return await waitFrom(ctx, deps, first, { seconds, tell })
      } finally {
        giveBack()
      }
    },
  }
}

async function waitFrom(
  ctx: RequestContext,
  deps: WaitDeps,
  first: DeploymentExplanation,
  { seconds, tell }: Waiting,
): Promise<DeploymentWait> {
  const { timing = systemTiming } = deps
  const { instance, name, namespace } = first
  const at = { instance, namespace, name }
  const began = timing.now()
  const waited = () => (timing.now() - began) / 1000
  const { promise, reject, resolve } = Promise.withResolvers<DeploymentWait['outcome']>()
  const alarms = createAlarms(timing)
  let last = first

  const say = () => {
    tell({ progress: waited(), total: seconds, message: last.sentence })
    alarms.set('beat', beatMs, say)
  }
  const take = (told: DeploymentExplanation) => {
    const isNews = told.sentence !== last.sentence
    last = told
    if (isNews) say()
    const status = statusOfDeployment(told)
    if (status === 'running') resolve('running')
    else if (status !== 'attention') alarms.clear('settle')
    else alarms.keep('settle', settleMs, () => resolve('needs-attention'))
  }
  const look = () => {
    try {
      take(explainDeployment(ctx, deps, at))
    } catch (error) {
      const { code } = asAppError(error)
      if (code === 'not-found') resolve('gone')
      // The instance is read anew, and tells of it then.
      else if (code !== 'instance-not-ready') reject(error)
    }
  }
  const recheck = () => {
    alarms.set('recheck', recheckMs, recheck)
    const reading = { at, permission: 'deployment.view', what: 'read it' } as const
    void checkAccess(ctx, deps, reading, (detail) => reject(new AppError('forbidden', { detail })))
  }
  const onTime = () => resolve('still-waiting')
  const endings = [
    deps.fleet.subscribe((change) => isAbout(change, at) && look()),
    deps.onAccessChange((change) => isConcerned(ctx.actor, change) && recheck()),
    onAbort(ctx.signal, onTime),
    onAbort(deps.ending, onTime),
    alarms.clearAll,
  ]
  try {
    alarms.set('time', seconds * 1000, onTime)
    alarms.set('recheck', recheckMs, recheck)
    say()
    take(first)
    const outcome = await promise
    return present(last, outcome, Math.round(waited()))
  } finally {
    for (const end of endings) end()
  }
}

function isAbout(change: FleetChange, at: DeploymentCoordinates): boolean {
  switch (change.type) {
    case 'upsert':
      return isSamePlace(change.deployment, at)
    case 'remove':
      return isSamePlace(change, at)
    case 'reset':
      return change.instance === at.instance
    case 'instance':
    case 'instance-removed':
      return change.id === at.instance
  }
}

function isSamePlace(one: DeploymentCoordinates, other: DeploymentCoordinates): boolean {
  return (
    one.name === other.name && one.namespace === other.namespace && one.instance === other.instance
  )
}

/** Returns the way out of it. */
function onAbort(signal: AbortSignal | undefined, work: () => void): () => void {
  if (signal?.aborted) work()
  signal?.addEventListener('abort', work)
  return () => signal?.removeEventListener('abort', work)
}

/** What was known of it last. */
function present(
  { evidence, instance, name, namespace, next, sentence, state, uid }: DeploymentExplanation,
  outcome: DeploymentWait['outcome'],
  waitedSeconds: number,
): DeploymentWait {
  const of = { instance, namespace, name, uid, outcome, waitedSeconds }
  if (outcome !== 'gone') return { ...of, state, sentence, evidence, next }
  return { ...of, state: null, sentence: 'It is no longer there.', evidence: [], next: '' }
}
