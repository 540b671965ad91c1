import type { FleetPod } from '../read-pod.ts'
import type { ContainerFacts } from '../read-pod-detail.ts'
import type { Evidence, ExplainFacts, Trouble } from './facts.ts'
import { findScheduling } from './find-scheduling.ts'
import { countWords, evidence, quote, quoteSentence, timeOf } from './words.ts'

const pullReasons: ReadonlySet<string | null> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'ImageInspectError',
])
const crashReasons: ReadonlySet<string | null> = new Set([
  'CrashLoopBackOff',
  'RunContainerError',
  'StartError',
])
const configReasons: ReadonlySet<string | null> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
])
/** What a kubelet tries again and again, it warns of at least so often. */
const mountWarningMs = 10 * 60_000

/** Null for a pod that is ready, on its way out, or on its way up as far as anyone can tell. */
export function findTrouble(pod: FleetPod, facts: ExplainFacts): Trouble | null {
  const { detail } = pod
  if (detail === null || detail.isDeleting || detail.isReady) return null
  if (detail.ended) {
    const { message, reason } = detail.ended
    return {
      state: 'failed',
      why: `pod ${pod.name} was ended (${quote(reason)}): ${quoteSentence(message)}`,
      evidence: [evidence(`Pod ${pod.name}`, 'status.reason', `${reason}: ${message}`)],
      next: 'Its runtime starts another one. Where that ends the same way, look at what its node lacks.',
      pod,
    }
  }
  if (detail.unscheduled && pod.node === null) return findScheduling(pod, facts)
  if (pod.node !== null && facts.live.isNodeDown(pod.node)) return describeDown(pod, pod.node)
  for (const container of detail.containers) {
    const trouble = findInContainer(pod, container, facts)
    if (trouble) return trouble
  }
  return findUnmounted(pod, facts)
}

/** What its containers were last said to do was said by a kubelet that is not heard any more. */
function describeDown(pod: FleetPod, node: string): Trouble {
  return {
    state: 'waiting-for-node',
    why: `node ${quote(node)}, on which pod ${pod.name} is, is not ready.`,
    evidence: [evidence(`Node ${node}`, 'status.conditions[Ready]', 'not True')],
    next: 'If the node does not come back within about five minutes, Kubernetes makes another pod for another node. An administrator of the cluster looks at the node.',
    pod,
  }
}

function findInContainer(
  pod: FleetPod,
  container: ContainerFacts,
  facts: ExplainFacts,
): Trouble | null {
  const { message, name, reason, state } = container
  const at = `status.containerStatuses[${name}].state`
  if (state === 'waiting' && pullReasons.has(reason)) {
    return {
      state: 'image-not-pulled',
      why: `the image of container ${quote(name)} cannot be pulled: ${quoteSentence(message ?? reason ?? '')}`,
      evidence: [evidence(`Pod ${pod.name}`, `${at}.waiting`, `${reason}: ${message ?? ''}`)],
      next: 'Check the image and its tag, and whether the namespace has the pull secret that the registry wants. The cluster tries again by itself.',
      pod,
    }
  }
  if (state === 'waiting' && configReasons.has(reason)) {
    return findInConfig(pod, container, facts)
  }
  return findCrash(pod, container)
}

/** Secrets that are missing, or lack a key; whatever else is wrong with the container's configuration. */
function findInConfig(
  pod: FleetPod,
  { message, name, reason }: ContainerFacts,
  facts: ExplainFacts,
): Trouble {
  const text = message ?? ''
  const proof = [
    evidence(
      `Pod ${pod.name}`,
      `status.containerStatuses[${name}].state.waiting`,
      `${reason}: ${text}`,
    ),
  ]
  const secret = findSecret(text)
  if (secret !== null) return missingSecret(pod, secret, proof, facts)
  return {
    state: 'failed',
    why: `container ${quote(name)} cannot be made: ${quoteSentence(text || reason || '')}`,
    evidence: proof,
    next: 'Fix what it names; the cluster tries again by itself.',
    pod,
  }
}

/** "HF_TOKEN in Secret x" or "x"; null where the words are of no Secret. */
function findSecret(text: string): { name: string; key: string | null } | null {
  const key = /key (\S{1,253}) in Secret (\S{1,253})/.exec(text)
  if (key) return { key: key[1]!, name: key[2]!.split('/').at(-1)! }
  const whole = /secrets? "([^"]{1,253})" not found/i.exec(text)
  return whole ? { name: whole[1]!, key: null } : null
}

function missingSecret(
  pod: FleetPod,
  { key, name }: { name: string; key: string | null },
  proof: Evidence[],
  { deployment, object }: ExplainFacts,
): Trouble {
  const isToken = name === object.tokenSecret
  const what = isToken ? 'the token for its gated model is missing' : 'a secret is missing'
  const where = `Secret ${quote(name)} in namespace ${deployment.namespace}`
  return {
    state: 'secret-missing',
    why:
      key === null
        ? `${what}: there is no ${where}.`
        : `${what}: there is no key ${quote(key)} in ${where}.`,
    evidence: isToken
      ? [
          ...proof,
          evidence(`ModelDeployment ${deployment.name}`, 'spec.secrets.huggingFaceToken', name),
        ]
      : proof,
    next: isToken
      ? `Create ${where} with key HF_TOKEN, a Hugging Face token of somebody who may use ${quote(deployment.model.id ?? 'the model')}. The pods continue by themselves.`
      : `Create ${where}${key === null ? '' : ` with key ${quote(key)}`}. The pods continue by themselves.`,
    pod,
  }
}

function findCrash(pod: FleetPod, container: ContainerFacts): Trouble | null {
  const { exitCode, last, message, name, reason, restarts, state } = container
  const isLooping = state === 'waiting' && crashReasons.has(reason)
  const hasDied = state === 'terminated' && exitCode !== null && exitCode !== 0
  const comesAgain = !container.isReady && restarts > 0 && (last?.exitCode ?? 0) !== 0
  if (!isLooping && !hasDied && !comesAgain) return null
  const end = hasDied ? { exitCode, reason } : last
  const code = end?.exitCode ?? null
  const isOom = end?.reason === 'OOMKilled'
  const how =
    code === null
      ? quote(message ?? reason ?? 'for a reason that the cluster does not say')
      : isOom
        ? `exit ${code}, out of memory`
        : code === 137
          ? 'exit 137, killed'
          : `exit ${code}`
  const field = `status.containerStatuses[${name}].${hasDied ? 'state' : 'lastState'}.terminated`
  return {
    state: 'crashing',
    why: `container ${quote(name)} crashes (${how}; ${countWords(restarts, 'restart')}).`,
    evidence: [
      evidence(
        `Pod ${pod.name}`,
        field,
        `${end?.reason ?? reason ?? ''}, exit code ${code ?? '?'}`,
      ),
      evidence(`Pod ${pod.name}`, `status.containerStatuses[${name}].restartCount`, restarts),
    ],
    next: isOom
      ? 'Give it more memory, or let it hold less: a shorter context, a smaller model, or more GPUs per replica.'
      : 'Read the log of its last run: its end says why.',
    pod,
  }
}

/** A volume or a secret that cannot be mounted shows in warnings alone. */
function findUnmounted(pod: FleetPod, facts: ExplainFacts): Trouble | null {
  const isMaking = pod.detail!.containers.every(
    ({ reason, state }) =>
      state === 'unknown' || (state === 'waiting' && reason !== 'PodInitializing'),
  )
  if (pod.node === null || !isMaking) return null
  const began = timeOf(pod.detail!.createdAt) ?? 0
  const warning = facts.live
    .warningsOf('Pod', pod.name)
    .filter(({ at, reason }) => reason !== 'FailedCreate' && at >= began)
    .toSorted((a, b) => b.at - a.at)[0]
  if (warning === undefined || facts.now - warning.at > mountWarningMs) return null
  const proof = [evidence(`Event about Pod ${pod.name}`, warning.reason, warning.message)]
  const secret = findSecret(warning.message)
  if (secret !== null) return missingSecret(pod, secret, proof, facts)
  return {
    state: 'volume-missing',
    why: `a volume cannot be mounted: ${quoteSentence(warning.message)}`,
    evidence: proof,
    next: 'Look at the volume claim and its storage class. The cluster tries again by itself.',
    pod,
  }
}
