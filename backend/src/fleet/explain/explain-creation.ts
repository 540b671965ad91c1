import type { FleetPod } from '../read-pod.ts'
import { readCount } from '../quantity.ts'
import type { WarningFacts } from '../read-warning.ts'
import type { Evidence, ExplainFacts } from './facts.ts'
import { evidence, ownEvidence, quote, quoteSentence, timeOf } from './words.ts'

/** Why pods that should be are not even made. `why` ends a sentence that begins with the deployment. */
export type Uncreated = {
  state: 'quota-used-up' | 'failed'
  why: string
  evidence: Evidence[]
  next: string
  /** Of the pod template that they would be made by; null where nobody says. */
  revision: string | null
  /** What would make them. */
  maker: string | null
}

/** Who makes pods tries again at least so often. */
const retryMs = 20 * 60_000

/** Null where none are missing, or nobody says why. */
export function findUncreated(facts: ExplainFacts): Uncreated | null {
  const { deployment, live } = facts
  const { pods } = live
  if (pods === null) return null
  const present = pods.filter(
    ({ detail, part }) => detail !== null && !detail.isDeleting && part !== 'helper',
  )
  const warning = live.ownerWarnings
    .filter((each) => isCurrent(each, present, facts))
    .toSorted((a, b) => b.at - a.at)[0]
  if (warning) return presentWarning(warning, facts)
  // Where warnings may not be read, the quota itself tells.
  if (present.length > 0 || deployment.servingMode === 'disaggregated') return null
  if (deployment.phase !== 'Deploying') return null
  return findFullQuota(facts)
}

/** Of what is asked for now, and not made up for since. */
function isCurrent(
  { about, at, reason }: WarningFacts,
  pods: readonly FleetPod[],
  { deployment, now, object }: ExplainFacts,
): boolean {
  if (reason !== 'FailedCreate' || now - at > retryMs) return false
  // A cluster writes whole seconds.
  if (object.changedAt !== null && at < Math.floor(object.changedAt / 1_000) * 1_000) return false
  const { maker, revision } = readMaker(about)
  const ofIt = pods.filter(({ detail }) =>
    revision === null ? detail!.maker === maker : detail!.revision === revision,
  )
  if (ofIt.length >= deployment.replicas.desired) return false
  const newest = Math.max(0, ...ofIt.map(({ detail }) => timeOf(detail!.createdAt) ?? 0))
  return at >= newest
}

/** A ReplicaSet is named after its Deployment and the hash of its pod template; others make pods by their own name. */
function readMaker({ kind, name }: WarningFacts['about']): {
  maker: string
  revision: string | null
} {
  if (kind !== 'ReplicaSet') return { maker: name, revision: null }
  const end = name.lastIndexOf('-')
  return { maker: name.slice(0, Math.max(0, end)), revision: name.slice(end + 1) }
}

function presentWarning({ about, message, reason }: WarningFacts, facts: ExplainFacts): Uncreated {
  const proof = evidence(`Event about ${about.kind} ${about.name}`, reason, message)
  const { maker, revision } = readMaker(about)
  const exceeded = /exceeded quota: ([^,\s]{1,253})/.exec(message)
  if (!exceeded) {
    return {
      state: 'failed',
      why: `its pods cannot be made: ${quoteSentence(message.replace(/^Error creating: /, ''))}`,
      evidence: [proof],
      next: 'Fix what the cluster names, most often a policy of the namespace; it tries again by itself.',
      revision,
      maker,
    }
  }
  const name = exceeded[1]!
  const resource = /requested: ([^=\s]{1,317})=/.exec(message)?.[1] ?? null
  const part = (word: string) =>
    resource === null
      ? undefined
      : new RegExp(
          `${word}: (?:[^\\s=]{1,317}=[^,\\s]{1,40},)*?${escape(resource)}=([^,\\s]{1,40})`,
        )
          .exec(message)
          ?.at(1)
  const now = facts.live.quotas
    ?.find((quota) => quota.name === name)
    ?.limits.find((limit) => limit.resource === resource)
  const used = now?.used ?? part('used')
  const hard = now?.hard ?? part('limited')
  return describeQuota(facts, {
    name,
    resource: resource ?? 'what it asks for',
    used: used ?? '?',
    hard: hard ?? '?',
    proof: [proof, ...(now ? [quotaEvidence(name, now.resource, now.used, now.hard)] : [])],
    revision,
    maker,
  })
}

function findFullQuota(facts: ExplainFacts): Uncreated | null {
  const { deployment, live } = facts
  const need = deployment.gpus.perReplica
  if (need === 0) return null
  const wanted = `requests.${deployment.gpus.type ?? 'nvidia.com/gpu'}`
  for (const { isScoped, limits, name } of live.quotas ?? []) {
    // Whether it counts these pods is known once the cluster refuses one.
    if (isScoped) continue
    for (const { hard, resource, used } of limits) {
      if (resource !== wanted || readCount(used) + need <= readCount(hard)) continue
      const proof = [
        quotaEvidence(name, resource, used, hard),
        ownEvidence(deployment, 'spec.resources.gpu.count', need),
      ]
      return describeQuota(facts, {
        name,
        resource,
        used,
        hard,
        proof,
        revision: null,
        maker: null,
      })
    }
  }
  return null
}

function quotaEvidence(name: string, resource: string, used: string, hard: string): Evidence {
  return evidence(`ResourceQuota ${name}`, `status.used[${resource}]`, `${used} of ${hard}`)
}

function describeQuota(
  { deployment }: ExplainFacts,
  of: {
    name: string
    resource: string
    used: string
    hard: string
    proof: Evidence[]
    revision: string | null
    maker: string | null
  },
): Uncreated {
  const { hard, maker, name, proof, resource, revision, used } = of
  return {
    state: 'quota-used-up',
    why: `quota ${quote(name)} of namespace ${deployment.namespace} is used up: ${quote(used)} of ${quote(hard)} ${quote(resource.replace(/^(requests|limits)\./, ''))}.`,
    evidence: proof,
    next: `Scale down or delete something in ${deployment.namespace}, or ask an administrator of the cluster for a larger quota. It starts by itself.`,
    revision,
    maker,
  }
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
