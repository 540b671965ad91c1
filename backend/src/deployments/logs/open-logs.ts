import type { LogsQuery } from '@hub/shared'
import { isConcerned, type RequestContext } from '#context'
import { AppError } from '#errors'
import type { FleetPod } from '#fleet'
import { systemTiming, type Timing } from '#kube'
import { limitPlaces } from '#operation'
import { checkAccess, recheckMs, type Rechecking } from '../check-access.ts'
import type { DeploymentCoordinates, DeploymentDeps } from '../deps.ts'
import { deploymentNotFound, getDeployment } from '../get.ts'
import { openDeployments } from '../open-deployments.ts'
import { createLogOutbox } from './deliver-lines.ts'
import { followPod } from './follow-pod.ts'
import { createJoinTexts } from './join-texts.ts'
import { createLogReader } from './log-reader.ts'
import { createLineOpener } from './open-lines.ts'
import { createSharedLogs } from './share-logs.ts'
import type { LogWriter } from './write-logs.ts'

export type LogDeps = DeploymentDeps &
  Rechecking & {
    /** Ends all logs when it aborts. */
    ending?: AbortSignal
    timing?: Timing
  }

export type DeploymentLogs = {
  /**
   * The logs of a deployment's pods, asked of the cluster as the caller, until they end, the caller leaves or may not read
   * them any more. Throws what `getDeployment` and `openDeployments` throw, `not-found` for a pod that is not its own, and
   * `too-many-streams`.
   */
  open(
    ctx: RequestContext,
    at: DeploymentCoordinates,
    query: LogsQuery,
    writerFor: (isSeveral: boolean) => LogWriter,
  ): ReadableStream<Uint8Array>
}

const podsMax = 50
const logsPerPersonMax = 6
const beatMs = 15_000
const lookMs = 1_000

export function createDeploymentLogs(deps: LogDeps): DeploymentLogs {
  const { fleet, timing = systemTiming } = deps
  const takePlace = limitPlaces({
    most: logsPerPersonMax,
    detail: `You follow ${logsPerPersonMax} logs already. Close one of them, then try again.`,
  })
  const shared = createSharedLogs(timing)
  const join = createJoinTexts()
  return {
    open: (ctx, at, query, writerFor) => {
      const { instance, name, namespace } = getDeployment(ctx, deps, at)
      const deployments = openDeployments(ctx, deps, 'deployment.view', at)
      const podsNow = () => fleet.pods({ instance, namespace, deployment: name })
      const chosen = () =>
        podsNow().filter((pod) => query.pod === undefined || pod.name === query.pod)
      if (query.pod !== undefined && chosen().length === 0) throw podNotFound(at, query.pod)
      const giveBack = takePlace(ctx)
      const writer = writerFor(query.pod === undefined)
      const ended = new AbortController()
      const reader = createLogReader({ ended, join, timing })
      const outbox = createLogOutbox({ ...reader, format: writer.write, now: timing.now })
      const end = (reason: string) => {
        if (ended.signal.aborted) return
        reader.write(writer.write({ type: 'end', reason }))
        reader.close()
      }

      const openLines = createLineOpener({
        deployments,
        of: [instance, namespace],
        query,
        room: reader,
        shared,
        signal: ended.signal,
      })
      const followOne = (pod: FleetPod) =>
        followPod(pod, {
          read: openLines(pod),
          query,
          find: () => podsNow().find(({ uid }) => uid === pod.uid) ?? null,
          outbox,
          wait: reader.wait,
          signal: ended.signal,
        }).catch((error: unknown) => {
          if (!ended.signal.aborted) ctx.log.warn({ error }, 'the log of a pod ended')
        })

      const run = async () => {
        const running = new Map<string, Promise<unknown>>()
        do {
          for (const pod of chosen()) {
            if (running.has(pod.uid)) continue
            if (running.size >= podsMax) return end(describeTooMany(podsMax))
            running.set(pod.uid, followOne(pod))
          }
          if (query.follow && query.pod === undefined) await reader.wait(lookMs)
          else await Promise.all(running.values())
        } while (query.follow && query.pod === undefined && isThere() && !ended.signal.aborted)
        await Promise.all(running.values())
        end(running.size === 0 ? 'It has no pods.' : 'That is all.')
      }
      const isThere = () => fleet.get(instance, namespace, name) !== null

      const reading = { at, permission: 'deployment.view', what: 'read it' } as const
      const recheck = () => checkAccess(ctx, deps, reading, end)
      const withdraw = deps.onAccessChange((change) => {
        if (isConcerned(ctx.actor, change)) void recheck()
      })
      const onEnding = () => end('The hub restarts: open it again.')
      const onLeft = () => reader.close()
      deps.ending?.addEventListener('abort', onEnding)
      ctx.signal.addEventListener('abort', onLeft)
      ended.signal.addEventListener('abort', () => {
        withdraw()
        giveBack()
        deps.ending?.removeEventListener('abort', onEnding)
        ctx.signal.removeEventListener('abort', onLeft)
      })
      reader.every(recheckMs, () => void recheck())
      const { beat } = writer
      if (beat !== null) reader.every(beatMs, () => reader.write(beat))
      return reader.open(() => void run())
    },
  }
}

function describeTooMany(max: number): string {
  return `It has more than ${max} pods: choose one of them.`
}

function podNotFound(at: DeploymentCoordinates, pod: string): AppError {
  const { code } = deploymentNotFound(at)
  return new AppError(code, {
    detail: `Deployment "${at.name}" has no pod "${pod}" now. It may have been replaced: look at its pods.`,
  })
}
