import type { Deployment, DeploymentPod } from '@hub/shared'

/** A step on a deployment's way to serving: when it came, and how long the one before it took. */
export interface TimelineStep {
  label: string
  /** Null while it has not come. */
  at: string | null
  /** Milliseconds since the step before; null where one of them is not known. */
  tookMs: number | null
}

type TimelineFacts = Pick<Deployment, 'conditions' | 'createdAt'>
type TimelinePod = Pick<DeploymentPod, 'createdAt' | 'scheduledAt' | 'containers'>

/** Clocks of a cluster differ by a little, and what is written of a step may come after the next one. */
const skewMs = 5_000

/**
 * How far a deployment has come. Each step is told by the cluster itself: the object's creation, its conditions, and its
 * pods where they may be read; the first pod to get there counts.
 */
export function describeTimeline(
  { conditions, createdAt }: TimelineFacts,
  pods: readonly TimelinePod[] | null,
): TimelineStep[] {
  const became = (type: string) =>
    conditions.find((each) => each.type === type && each.status === 'True')?.lastTransitionTime ??
    null
  const started = (pods ?? []).flatMap(({ containers }) =>
    containers
      .filter(({ isInit, state }) => !isInit && state === 'running')
      .map(({ since }) => since),
  )
  const steps: [string, string | null][] = [
    ['Asked for', createdAt],
    ['Passed to its runtime', became('ResourceCreated')],
    ['Pods queued', earliest((pods ?? []).map((pod) => pod.createdAt))],
    ['Placed on a node', earliest((pods ?? []).map((pod) => pod.scheduledAt))],
    ['Image pulled, started', earliest(started)],
    ['Model loaded, serving', became('Ready')],
  ]
  let before: number | null = null
  return steps.map(([label, at]) => {
    const time: number | null = at === null ? null : readTime(at)
    // A pod may be younger than what it once served.
    const tookMs: number | null =
      time === null || before === null || time < before - skewMs ? null : Math.max(0, time - before)
    if (time !== null && (before === null || time > before)) before = time
    return { label, at: time === null ? null : at, tookMs }
  })
}

/** "under a second", "42 s", "3 min 5 s", "2 h 10 min". */
export function describeDuration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 1) return 'under a second'
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60)
    return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

function earliest(times: readonly (string | null)[]): string | null {
  return (
    times
      .filter((time) => time !== null && readTime(time) !== null)
      .toSorted((a, b) => readTime(a!)! - readTime(b!)!)[0] ?? null
  )
}

function readTime(text: string): number | null {
  const time = Date.parse(text)
  return Number.isNaN(time) ? null : time
}
