import type { PodDetail } from '../read-pod-detail.ts'
import type { FleetPod } from '../read-pod.ts'
import { countReplicas, isServing, type ReplicaCount } from './count-replicas.ts'
import { findUncreated } from './explain-creation.ts'
import { explainDeletion } from './explain-deletion.ts'
import { explainPhase } from './explain-phase.ts'
import { explainRuntime, explainUnseen } from './explain-runtime.ts'
import type { ExplainFacts, Explanation, Trouble } from './facts.ts'
import { findTrouble } from './find-trouble.ts'
import { countWords, explanation, ownEvidence, timeOf } from './words.ts'

/**
 * How a deployment truly is, and why: from its object and from what is read around it. The cluster's own phase counts
 * where nothing tells better. Holds for whatever objects hold.
 */
export function explainDeployment(given: ExplainFacts): Explanation {
  const { deployment, object } = given
  if (deployment.deletingSince !== null || deployment.phase === 'Terminating') {
    return explainDeletion(given)
  }
  const facts = leaveReplaced(given)
  const { live } = facts
  const count = countReplicas(facts)
  const blocked = explainUpdate(facts, count)
  if (blocked) return blocked
  const unseen = explainUnseen(facts)
  const isServed = isAllServed(facts, count)
  if (object.isPaused && (unseen !== null || !isServed)) return explainPaused(facts, count)
  if (unseen) return explainSilentRuntime(facts) ?? unseen
  if (isServed) {
    const isVanished = live.pods?.length === 0 && count.ready > 0
    return (isVanished ? explainRuntime(facts) : null) ?? explainRunning(facts, count)
  }
  const trouble = worstTrouble(facts)
  const uncreated = trouble ? null : findUncreated(facts)
  const cause = trouble ?? uncreated
  if (cause) {
    const crashes = cause.state === 'crashing'
    if (count.ready === 0 || crashes) {
      const some = count.ready > 0 ? `${describeCount(count)}, and ` : ''
      return explanation(cause.state, capitalize(`${some}${cause.why}`), {
        evidence: cause.evidence,
        next: cause.next,
      })
    }
    return explanation('partly-running', `${describeCount(count)}; ${cause.why}`, {
      evidence: [...cause.evidence, ...replicaEvidence(facts, count)],
      next: cause.next,
    })
  }
  return explainRuntime(facts) ?? explainPhase(facts, count)
}

/**
 * Without pods that have ended and were made up for since: one that was evicted, or that its node refused, stays as it is
 * for as long as nobody takes it away.
 */
function leaveReplaced(facts: ExplainFacts): ExplainFacts {
  const { pods } = facts.live
  if (!pods?.some(hasEnded)) return facts
  const isReplaced = (pod: FleetPod) =>
    hasEnded(pod) &&
    pods.some((other) => !hasEnded(other) && isOfSame(other, pod) && isLater(other, pod))
  return { ...facts, live: { ...facts.live, pods: pods.filter((pod) => !isReplaced(pod)) } }
}

function hasEnded({ phase }: FleetPod): boolean {
  return phase === 'Failed' || phase === 'Succeeded'
}

/** Made by the same, as far as that is known. */
function isOfSame(a: FleetPod, b: FleetPod): boolean {
  const [one, other] = [a.detail?.maker ?? null, b.detail?.maker ?? null]
  return one === null || other === null || one === other
}

function isLater(a: FleetPod, b: FleetPod): boolean {
  return (timeOf(a.detail?.createdAt ?? null) ?? 0) > (timeOf(b.detail?.createdAt ?? null) ?? 0)
}

/** Whether all that is asked for runs: pods tell it, or the controller where they do not. */
function isAllServed({ deployment, live }: ExplainFacts, count: ReplicaCount): boolean {
  const { phase, runtime } = deployment
  if (count.ready < count.desired || (count.desired === 0 && phase !== 'Running')) return false
  if (phase === 'Running') return true
  // A plain Deployment's pod serves once it is ready; what other runtimes make may not.
  const isPlain = runtime === 'vllm' || runtime === 'llmd'
  return isPlain && count.isSeen && live.pods!.every(isServing)
}

function explainRunning({ deployment, object }: ExplainFacts, count: ReplicaCount): Explanation {
  const { desired, ready } = count
  const paused = object.isPaused ? ' It is paused: changes take no effect until it is resumed.' : ''
  const evidence = [ownEvidence(deployment, 'status.phase', deployment.phase ?? 'none')]
  if (desired === 0) {
    const left = deployment.replicas.running ?? ready
    return explanation(
      'running',
      left > 0
        ? `No replica is asked for, and ${left} ${left === 1 ? 'runs' : 'run'} still: its runtime keeps at least one.${paused}`
        : `No replica is asked for.${paused}`,
      { evidence, next: left > 0 ? 'To free its GPUs, delete it.' : '' },
    )
  }
  return explanation(
    'running',
    `${desired === 1 ? 'Its replica runs' : `All ${desired} replicas run`}.${paused}`,
    { evidence },
  )
}

function explainPaused(facts: ExplainFacts, count: ReplicaCount): Explanation {
  const { deployment, object } = facts
  const { generation, observedGeneration } = object
  return explanation(
    'paused',
    `It is paused: its controllers leave it alone, and ${describeCount(count).replace(/^All/, 'all').replace(/^No/, 'no')}.`,
    {
      evidence: [
        ownEvidence(deployment, 'metadata.annotations[reconcile-paused]', 'true'),
        ownEvidence(
          deployment,
          'status.observedGeneration',
          `${observedGeneration ?? 'none'} of ${generation ?? 'none'}`,
        ),
      ],
      next: 'Resume it, and what was asked for happens.',
    },
  )
}

/** Where its runtime is silent, that is why nothing was seen. */
function explainSilentRuntime(facts: ExplainFacts): Explanation | null {
  const { observedGeneration } = facts.object
  const why = observedGeneration === null ? null : explainRuntime(facts)
  return why?.state === 'not-reconciled' || why?.state === 'runtime-missing' ? why : null
}

/** The old version serves on because the new one does not come up. */
function explainUpdate(facts: ExplainFacts, count: ReplicaCount): Explanation | null {
  const { live } = facts
  if (live.pods === null || live.pods.length === 0) return null
  const serving = live.pods.filter(isServing)
  if (serving.length === 0) return null
  const uncreated = live.ownerWarnings.length > 0 ? findUncreated(facts) : null
  // A deployment may be several Deployments, each with versions of its own.
  const isNew = ({ maker, revision }: Pick<PodDetail, 'maker' | 'revision'>) => {
    const before = serving.filter(
      ({ detail }) => maker === null || detail!.maker === null || detail!.maker === maker,
    )
    return (
      revision !== null &&
      before.length > 0 &&
      before.every(({ detail }) => detail!.revision !== revision)
    )
  }
  const trouble = worstTrouble(facts, ({ detail }) => isNew(detail!))
  const cause = trouble ?? (uncreated && isNew(uncreated) ? uncreated : null)
  if (cause === null) return null
  const old = countWords(Math.min(count.ready, count.desired), 'replica', 'replicas')
  return explanation(
    'update-blocked',
    `Its update is half applied: ${old} of the version before ${count.ready === 1 ? 'serves' : 'serve'} on, and the new one does not come up: ${cause.why}`,
    {
      evidence: cause.evidence,
      next: `${cause.next} Or take the change back.`,
    },
  )
}

/** That of the pod that was made first among the worst. */
function worstTrouble(
  facts: ExplainFacts,
  among: (pod: FleetPod) => boolean = () => true,
): Trouble | null {
  let worst: Trouble | null = null
  for (const pod of facts.live.pods ?? []) {
    if (pod.detail === null || pod.detail.isReady || !among(pod)) continue
    const trouble = findTrouble(pod, facts)
    if (trouble === null) continue
    if (worst === null || rankOf(trouble) < rankOf(worst)) worst = trouble
  }
  return worst
}

/** What no waiting mends comes first; between equal ones the name decides, so that words stay. */
function rankOf({ pod, state }: Trouble): string {
  const order = ['crashing', 'secret-missing', 'image-not-pulled', 'volume-missing', 'failed']
  const rank = order.indexOf(state)
  return `${rank < 0 ? order.length : rank} ${pod.name}`
}

function describeCount({ desired, ready }: ReplicaCount): string {
  const shown = Math.min(ready, desired)
  if (shown === 0)
    return desired === 1 ? 'Its replica does not run' : `None of ${desired} replicas runs`
  if (shown === desired) return desired === 1 ? 'Its replica runs' : `All ${desired} replicas run`
  return `${shown} of ${desired} replicas ${shown === 1 ? 'runs' : 'run'}`
}

function replicaEvidence({ deployment }: ExplainFacts, { desired, isSeen, ready }: ReplicaCount) {
  return [
    ownEvidence(
      deployment,
      isSeen ? 'pods that are ready' : 'status.replicas.ready',
      `${ready} of ${desired}`,
    ),
  ]
}

function capitalize(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}
