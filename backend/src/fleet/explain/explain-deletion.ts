import type { ExplainFacts, Explanation } from './facts.ts'
import { describeHeartbeat } from './explain-runtime.ts'
import {
  countWords,
  describeAge,
  explanation,
  nextAge,
  ownEvidence,
  quote,
  timeOf,
} from './words.ts'

/** Providers give up after five minutes; before that they say nothing of how far they are. */
const ownHeldAfterMs = 60_000
const foreignHeldAfterMs = 1_000
const providerFinalizer = /^(?:kube)?airunway\.ai\/(.+)-provider$/
/** Of a deletion in the foreground, as Argo CD asks for, or one that spares what is owned: Kubernetes takes them away. */
const ownersFinalizers = new Set(['foregroundDeletion', 'orphan'])

/** Being deleted, or held by what nobody takes away. */
export function explainDeletion(facts: ExplainFacts): Explanation {
  const { deployment, live, now } = facts
  const since = timeOf(deployment.deletingSince)
  const age = since === null ? 0 : Math.max(0, now - since)
  const proof = ownEvidence(deployment, 'metadata.deletionTimestamp', deployment.deletingSince)
  const holder = findHolder(facts)
  if (holder === null || age < holder.heldAfterMs) {
    const pods = live.pods?.length ?? 0
    return explanation(
      'deleting',
      pods > 0
        ? `It is being deleted: ${countWords(pods, 'pod is', 'pods are')} still there.`
        : 'It is being deleted.',
      {
        evidence: [proof],
        next: 'Nothing to do: it is gone as soon as its pods have ended.',
        changesAt: holder !== null && since !== null ? since + holder.heldAfterMs : null,
      },
    )
  }
  const { finalizer, next, who } = holder
  return explanation(
    'deletion-held',
    `Its deletion began ${describeAge(age)} ago and is held by finalizer ${quote(finalizer)}: ${who}.`,
    {
      evidence: [ownEvidence(deployment, 'metadata.finalizers', finalizer), proof],
      changesAt: since === null ? null : nextAge(since, now),
      next,
    },
  )
}

/** `who` has to take the finalizer away, and is given so long before that is news. */
type Holder = { finalizer: string; heldAfterMs: number; who: string; next: string }

function findHolder(facts: ExplainFacts): Holder | null {
  const { finalizers } = facts.object
  // Its own controller comes first: others are asked when it is done.
  const own = finalizers.find((each) => providerFinalizer.test(each))
  if (own !== undefined) return describeOwn(facts, own)
  const foreign = finalizers.find((each) => !ownersFinalizers.has(each))
  if (foreign !== undefined) {
    return {
      finalizer: foreign,
      heldAfterMs: foreignHeldAfterMs,
      who: 'whatever set it has to take it away, and has not',
      next: `Look at the controller that owns ${quote(foreign)}. Only where it is gone for good, an administrator of the cluster removes the finalizer by hand.`,
    }
  }
  const [last] = finalizers
  if (last === undefined) return null
  return {
    finalizer: last,
    heldAfterMs: ownHeldAfterMs,
    who: 'Kubernetes takes it away once what was made for the deployment is gone, and something is still there',
    next: 'Look at what was made for it and is still being deleted, such as its pods and volume claims, and at what holds that up: then it goes by itself.',
  }
}

function describeOwn(facts: ExplainFacts, finalizer: string): Holder {
  const runtime = providerFinalizer.exec(finalizer)![1]!
  const silent = describeSilence(facts, runtime)
  return {
    finalizer,
    heldAfterMs: silent === null ? ownHeldAfterMs : 0,
    who: `the controller of runtime ${quote(runtime)} has to take it away${silent === null ? ', and has not' : `: ${silent}`}`,
    next: `Bring the controller of ${quote(runtime)} back: it clears the finalizer by itself. Removing it by hand may leave what it made behind.`,
  }
}

/** Why a runtime's controller does nothing now; null where it seems well, or is not known. */
function describeSilence({ live, now }: ExplainFacts, name: string): string | null {
  if (live.runtimes === null) return null
  const runtime = live.runtimes.find((each) => each.name === name)
  if (runtime === undefined) return 'that runtime is no longer installed'
  return describeHeartbeat(runtime, now)
}
