import type { FleetPod } from '../read-pod.ts'
import type { ReplicaCount } from './count-replicas.ts'
import type { ExplainFacts, Explanation } from './facts.ts'
import {
  countWords,
  describeAge,
  explanation,
  nextAge,
  ownEvidence,
  quote,
  quoteSentence,
  timeOf,
} from './words.ts'

/** Where nothing around it tells more: what its controller wrote, and how far its pods are. */
export function explainPhase(facts: ExplainFacts, count: ReplicaCount): Explanation {
  const { deployment } = facts
  const own = ownEvidence(deployment, 'status.phase', deployment.phase ?? 'none')
  if (deployment.phase === 'Failed') return explainFailed(facts)
  const preparing = explainPreparing(facts)
  if (preparing) return preparing
  const coming = describeComing(facts)
  const isPartial = count.ready > 0 && count.ready < count.desired
  if (isPartial || deployment.phase === 'Running') {
    const shown = `${Math.min(count.ready, count.desired)} of ${count.desired} replicas ${count.ready === 1 ? 'runs' : 'run'}`
    // Without its pods the controller's word is all there is.
    const isUp = facts.live.pods === null && deployment.phase === 'Deploying'
    if (coming !== null || isUp) {
      const rest =
        coming ?? (count.desired - count.ready === 1 ? 'the other starts' : 'the others start')
      return explanation('starting', `${shown}; ${rest}.`, { evidence: [own], next: patience })
    }
    return explanation('partly-running', `${shown}, and nothing says why the others do not.`, {
      evidence: [
        ownEvidence(deployment, 'status.replicas.ready', `${count.ready} of ${count.desired}`),
        own,
      ],
      next: 'Look at its pods and events.',
    })
  }
  if (deployment.phase === null || ['Pending', 'Deploying'].includes(deployment.phase)) {
    const waits = deployment.message ? quoteSentence(deployment.message) : 'It is being set up.'
    return explanation('starting', coming === null ? waits : `It starts: ${coming}.`, {
      evidence: [own],
      next: patience,
    })
  }
  return explanation(
    'unknown',
    `Its controller says ${quote(deployment.phase, 60)}, a word that the hub does not know.`,
    { evidence: [own], next: 'Look at its conditions and pods.' },
  )
}

const patience = 'Nothing to do yet: large images and models take minutes.'

function explainFailed({ deployment }: ExplainFacts): Explanation {
  const failed = deployment.conditions.find(
    ({ message, status, type }) => status === 'False' && message !== '' && type !== 'GatewayReady',
  )
  const why = deployment.message ?? failed?.message ?? failed?.reason ?? null
  return explanation(
    'failed',
    why === null
      ? 'It failed, and its controller does not say why.'
      : `It failed: ${quoteSentence(why)}`,
    {
      evidence: [
        ownEvidence(deployment, 'status.phase', 'Failed'),
        ...(failed
          ? [ownEvidence(deployment, `status.conditions[${failed.type}]`, failed.message)]
          : []),
      ],
      next: 'Fix what it names and change the deployment, or delete it and deploy it again.',
    },
  )
}

/** The model is being fetched, or what it is kept on is not there yet: only conditions say so. */
function explainPreparing({ deployment, now }: ExplainFacts): Explanation | null {
  for (const condition of deployment.conditions) {
    const { lastTransitionTime, message, reason, status, type } = condition
    if (status !== 'False') continue
    const proof = ownEvidence(deployment, `status.conditions[${type}]`, `${reason}: ${message}`)
    const since = timeOf(lastTransitionTime)
    const age = since === null ? '' : `, for ${describeAge(now - since)} now`
    if (type === 'ModelDownloaded' && reason === 'DownloadInProgress') {
      return explanation('downloading-model', `The model is being downloaded${age}.`, {
        evidence: [proof],
        next: 'Nothing to do yet: a large model takes a while. The cluster does not say how far it is.',
        changesAt: since === null ? null : nextAge(since, now),
      })
    }
    if (type === 'ModelDownloaded' || (type === 'StorageReady' && reason === 'PVCFailed')) {
      return explanation(
        'failed',
        `${type === 'StorageReady' ? 'Its storage' : 'The download of its model'} failed: ${quoteSentence(message || reason)}`,
        {
          evidence: [proof],
          next: 'Look at the log of what failed, fix it, and deploy it again.',
        },
      )
    }
    if (type === 'StorageReady') {
      return explanation(
        'volume-missing',
        `Its volumes are not ready${age}: ${quoteSentence(message || reason)}`,
        {
          evidence: [proof],
          next: 'Look at its volume claims: their storage class, size and access mode.',
        },
      )
    }
  }
  return null
}

/** How far the pods are that are not ready; null where none is on its way. */
function describeComing({ live }: ExplainFacts): string | null {
  const coming = (live.pods ?? []).filter(
    ({ detail }) => detail !== null && !detail.isReady && !detail.isDeleting,
  )
  if (coming.length === 0) return null
  const loading = coming.filter(isLoading).length
  const preparing = coming.filter(isPreparing).length
  const placed = coming.filter(({ node }) => node !== null).length - loading - preparing
  const waiting = coming.length - loading - preparing - placed
  return [
    ...(waiting > 0 ? [`${countWords(waiting, 'pod waits', 'pods wait')} for a node`] : []),
    ...(placed > 0
      ? [`${countWords(placed, 'pod gets its', 'pods get their')} image and volumes`]
      : []),
    ...(preparing > 0
      ? [`${countWords(preparing, 'pod runs its', 'pods run their')} first steps`]
      : []),
    ...(loading > 0 ? [`${countWords(loading, 'pod loads', 'pods load')} the model`] : []),
  ].join(', ')
}

/** An init container runs, which may be what fetches the model; a sidecar that has started is waited for no longer. */
function isPreparing({ detail }: FleetPod): boolean {
  const { containers } = detail!
  return (
    containers.some(({ isInit, state }) => isInit && state === 'running') &&
    containers.every(({ isInit, reason }) => isInit || reason === 'PodInitializing')
  )
}

function isLoading({ detail }: FleetPod): boolean {
  return detail!.containers.some(({ isInit, state }) => !isInit && state === 'running')
}
