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

/** Being deleted, or held by what nobody takes away. */
export function explainDeletion(facts: ExplainFacts): Explanation {
  const { deployment, live, now, object } = facts
  const since = timeOf(deployment.deletingSince)
  const age = since === null ? 0 : Math.max(0, now - since)
  const proof = ownEvidence(deployment, 'metadata.deletionTimestamp', deployment.deletingSince)
  const foreign = object.finalizers.find((each) => !providerFinalizer.test(each))
  const own = object.finalizers.find((each) => providerFinalizer.test(each))
  const runtime = own === undefined ? null : providerFinalizer.exec(own)![1]!
  const silent = runtime === null ? null : describeSilence(facts, runtime)
  // Its own controller comes first: others are asked when it is done.
  const holder = own === undefined ? foreign : own
  const heldAfterMs = own === undefined ? foreignHeldAfterMs : silent === null ? ownHeldAfterMs : 0
  if (holder === undefined || age < heldAfterMs) {
    const pods = live.pods?.length ?? 0
    return explanation(
      'deleting',
      pods > 0
        ? `It is being deleted: ${countWords(pods, 'pod is', 'pods are')} still there.`
        : 'It is being deleted.',
      {
        evidence: [proof],
        next: 'Nothing to do: it is gone as soon as its pods have ended.',
        changesAt: holder !== undefined && since !== null ? since + heldAfterMs : null,
      },
    )
  }
  const who =
    runtime === null
      ? `whatever set it has to take it away, and has not`
      : `the controller of runtime ${quote(runtime)} has to take it away${silent === null ? ', and has not' : `: ${silent}`}`
  return explanation(
    'deletion-held',
    `Its deletion began ${describeAge(age)} ago and is held by finalizer ${quote(holder)}: ${who}.`,
    {
      evidence: [ownEvidence(deployment, 'metadata.finalizers', holder), proof],
      changesAt: since === null ? null : nextAge(since, now),
      next:
        runtime === null
          ? `Look at the controller that owns ${quote(holder)}. Only where it is gone for good, an administrator of the cluster removes the finalizer by hand.`
          : `Bring the controller of ${quote(runtime)} back: it clears the finalizer by itself. Removing it by hand may leave what it made behind.`,
    },
  )
}

/** Why a runtime's controller does nothing now; null where it seems well, or is not known. */
function describeSilence({ live, now }: ExplainFacts, name: string): string | null {
  if (live.runtimes === null) return null
  const runtime = live.runtimes.find((each) => each.name === name)
  if (runtime === undefined) return 'that runtime is no longer installed'
  return describeHeartbeat(runtime, now)
}
