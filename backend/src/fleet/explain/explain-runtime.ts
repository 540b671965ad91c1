import { heartbeatMaxMs, type RuntimeFacts } from '../runtimes.ts'
import type { ExplainFacts, Explanation } from './facts.ts'
import { describeAge, evidence, explanation, nextAge, ownEvidence, quote, timeOf } from './words.ts'

/** A controller that is well looks at what is new within a second. */
const unseenMaxMs = 60_000

/** What the controller's last sign of life says where it is too old; null where it is not. */
export function describeHeartbeat(runtime: RuntimeFacts, now: number): string | null {
  const at = timeOf(runtime.lastHeartbeatAt)
  if (at === null) return runtime.isReady ? null : 'it has never reported'
  return now - at > heartbeatMaxMs ? `its last sign was ${describeAge(now - at)} ago` : null
}

/** Whoever should look after the deployment is missing, silent or not ready; null where all is well, or unknown. */
export function explainRuntime(facts: ExplainFacts): Explanation | null {
  const { deployment, live } = facts
  const { runtimes } = live
  if (runtimes === null) return null
  if (deployment.runtime === null) return explainNoRuntime(facts, runtimes)
  const name = deployment.runtime
  const runtime = runtimes.find((each) => each.name === name)
  if (runtime === undefined) {
    const others = runtimes.map((each) => each.name).toSorted()
    return explanation('runtime-missing', `Its runtime ${quote(name)} is not installed here.`, {
      evidence: [
        ownEvidence(deployment, 'spec.provider.name', name),
        evidence('InferenceProviderConfigs', 'metadata.name', others.join(', ') || 'none'),
      ],
      next:
        others.length === 0
          ? 'An administrator of the cluster installs a runtime.'
          : `Deploy it with ${quote(others.join(' or '))}, or have ${quote(name)} installed: a deployment's runtime cannot be changed later.`,
    })
  }
  return explainSilent(facts, runtime) ?? explainRefused(deployment)
}

function explainSilent(
  { deployment, now }: Pick<ExplainFacts, 'deployment' | 'now'>,
  runtime: RuntimeFacts,
): Explanation | null {
  const object = `InferenceProviderConfig ${runtime.name}`
  const heartbeat = evidence(object, 'status.lastHeartbeat', runtime.lastHeartbeatAt ?? 'never')
  const silent = describeHeartbeat(runtime, now)
  const at = timeOf(runtime.lastHeartbeatAt)
  if (silent !== null) {
    return explanation(
      'not-reconciled',
      `Nothing manages it: the controller of runtime ${quote(runtime.name)} does not answer, ${silent}.`,
      {
        evidence: [heartbeat, ownEvidence(deployment, 'status.phase', deployment.phase ?? 'none')],
        next: `An administrator of the cluster looks at the pods of the ${quote(runtime.name)} controller. The deployment continues by itself once that is back.`,
        changesAt: at === null ? null : nextAge(at, now),
      },
    )
  }
  if (runtime.isReady) return null
  return explanation(
    'runtime-not-ready',
    `Its runtime ${quote(runtime.name)} is installed and says that it is not ready.`,
    {
      evidence: [evidence(object, 'status.ready', 'false'), heartbeat],
      next: `An administrator of the cluster looks at why ${quote(runtime.name)} is not ready: most often what it drives is not installed.`,
    },
  )
}

/** No runtime took it: there is none, none is well, or none fits. */
function explainNoRuntime(
  { deployment, now }: ExplainFacts,
  runtimes: readonly RuntimeFacts[],
): Explanation | null {
  if (runtimes.length === 0) {
    return explanation('runtime-missing', 'No runtime is installed here that could run it.', {
      evidence: [evidence('InferenceProviderConfigs', 'metadata.name', 'none')],
      next: 'An administrator of the cluster installs a runtime.',
    })
  }
  const silent = runtimes.every((each) => describeHeartbeat(each, now) !== null)
  if (silent) return explainSilent({ deployment, now }, runtimes[0]!)
  if (runtimes.every(({ isReady }) => !isReady)) {
    return explanation('runtime-not-ready', 'None of the runtimes here is ready to take it.', {
      evidence: runtimes
        .slice(0, 5)
        .map(({ name }) => evidence(`InferenceProviderConfig ${name}`, 'status.ready', 'false')),
      next: 'An administrator of the cluster looks at why its runtimes are not ready.',
    })
  }
  return explainRefused(deployment)
}

/** What choosing a runtime comes to, and what the runtime itself says to it. */
const choices: ReadonlySet<string> = new Set([
  'EngineSelected',
  'ProviderSelected',
  'ProviderCompatible',
])

/** It was looked at, and nothing here can run what it asks for; null where that is not said. */
function explainRefused(deployment: ExplainFacts['deployment']): Explanation | null {
  const refused = deployment.conditions.find(
    ({ status, type }) => choices.has(type) && status === 'False',
  )
  if (refused === undefined) return null
  const why = refused.message || deployment.message || refused.reason
  const who =
    deployment.runtime === null
      ? 'No runtime here takes it'
      : `Its runtime ${quote(deployment.runtime)} does not take it`
  return explanation('runtime-missing', `${who}: ${quote(why)}.`, {
    evidence: [ownEvidence(deployment, `status.conditions[${refused.type}]`, why)],
    next: 'Ask for another engine or serving mode, or have a runtime installed that can do it.',
  })
}

/** What is asked for was not seen by AI Runway's controller; null where it was. */
export function explainUnseen(facts: ExplainFacts): Explanation | null {
  const { deployment, now, object } = facts
  const { generation, observedGeneration } = object
  const isNew = observedGeneration === null && deployment.phase === null
  const isBehind =
    generation !== null && observedGeneration !== null && observedGeneration < generation
  if (!isNew && !isBehind) return null
  const since = object.changedAt ?? now
  const age = now - since
  const numbers = isBehind
    ? `generation ${generation}, observed ${observedGeneration}`
    : 'it has no status'
  const proof = [
    ownEvidence(deployment, 'metadata.generation', generation ?? 'none'),
    ownEvidence(deployment, 'status.observedGeneration', observedGeneration ?? 'none'),
  ]
  if (age > unseenMaxMs) {
    const what = isBehind ? 'its latest change' : 'it'
    return explanation(
      'not-reconciled',
      `Nothing manages it: AI Runway's controller has not seen ${what} for ${describeAge(age)} (${numbers}).`,
      {
        evidence: proof,
        changesAt: nextAge(since, now),
        next: "An administrator of the cluster looks at the pods of AI Runway's controller.",
      },
    )
  }
  return explanation(
    isBehind ? 'change-not-seen' : 'starting',
    isBehind
      ? `It was changed, and its controller has not seen that yet (${numbers}).`
      : 'The cluster has stored it, and its controller has not looked at it yet.',
    {
      evidence: proof,
      next: 'Nothing to do: a controller that is well sees it within seconds.',
      changesAt: since + unseenMaxMs + 1,
    },
  )
}
