import type { DeploymentPod } from '@hub/shared'
import type { Tone } from '../../components/tone.ts'

type Container = DeploymentPod['containers'][number]

/** How a pod is, in a word or two. */
export function describePod({ phase, isReady, isDeleting, why, containers }: DeploymentPod): {
  words: string
  tone: Tone
} {
  if (isDeleting) return { words: 'Ending', tone: 'busy' }
  if (isReady) return { words: 'Ready', tone: 'good' }
  if (phase === 'Succeeded') return { words: 'Done', tone: 'neutral' }
  if (phase === 'Failed') return { words: 'Failed', tone: 'bad' }
  const waiting = containers.find(({ state, reason }) => state === 'waiting' && reason !== null)
  if (waiting?.reason && /BackOff|Err|Error|Invalid/.test(waiting.reason)) {
    return { words: spell(waiting.reason), tone: 'bad' }
  }
  if (phase === 'Pending') return { words: 'Waiting', tone: why === null ? 'busy' : 'warning' }
  if (phase === 'Running') return { words: 'Starting', tone: why === null ? 'busy' : 'warning' }
  return { words: phase ?? 'Unknown', tone: 'neutral' }
}

/** "waits: ImagePullBackOff" with what the cluster says of it; how it ended the last time. */
export function describeContainer(container: Container): string {
  const { state, reason, message, exitCode, isReady, isInit, last } = container
  const step = isInit ? 'first step, ' : ''
  const before = last ? `; it ended before: ${describeEnd(last.reason, last.exitCode)}` : ''
  switch (state) {
    case 'running':
      return `${step}${isReady ? 'runs and is ready' : 'runs, not ready yet'}${before}`
    case 'waiting': {
      const words = reason === null ? 'waits' : `waits: ${reason}`
      return `${step}${words}${message === null ? '' : ` (${message})`}${before}`
    }
    case 'terminated':
      return `${step}ended: ${describeEnd(reason, exitCode)}`
    case 'unknown':
      return `${step}unknown`
  }
}

/** That whose log is shown where none is named: the first that does not merely prepare the pod. */
export function findMain({ containers }: Pick<DeploymentPod, 'containers'>): Container | undefined {
  return containers.find(({ isInit }) => !isInit) ?? containers[0]
}

/** How often its containers began anew, in sum. */
export function describeRestarts({ containers }: Pick<DeploymentPod, 'containers'>): number {
  return containers.reduce((sum, { restarts }) => sum + restarts, 0)
}

function describeEnd(reason: string | null, exitCode: number | null): string {
  const words = reason === 'OOMKilled' ? 'out of memory' : (reason ?? 'unknown')
  return exitCode === null ? words : `${words}, exit code ${exitCode}`
}

/** "ImagePullBackOff" in words of a sentence: "Image pull back off". */
function spell(reason: string): string {
  const words = reason.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}
