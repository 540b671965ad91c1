import type { KubeObject, Untyped } from '../objects.ts'
import type { WantedPod } from './pods.ts'

/** What a Deployment of apps/v1 allows while it replaces pods, unless told otherwise: a quarter more, a quarter fewer. */
const share = 0.25

/**
 * Which pods to make and which to let go now, so that those of a new template take the place of those before as a rolling
 * update has it. What is too many, or of no role any more, goes at once.
 */
export function planRollout(
  deployment: string,
  wanted: readonly WantedPod[],
  pods: readonly KubeObject[],
): { create: WantedPod[]; remove: KubeObject[] } {
  const alive = pods.filter((pod) => !isEnding(pod) && !isHalfApplied(pod))
  const names = new Set(pods.map((pod) => pod.metadata.name))
  const plans = [...Map.groupBy(wanted, ({ role }) => role)].map(([role, ofRole]) => {
    const prefix = `${deployment}${role}-`
    const own = alive.filter((pod) => isNamedSo(pod, prefix))
    const missing = ofRole.filter(({ name }) => !names.has(name))
    return { own, ...planRole(ofRole, own, missing) }
  })
  const ofSomeRole = new Set(plans.flatMap(({ own }) => own))
  return {
    create: plans.flatMap(({ create }) => create),
    remove: [
      ...alive.filter((pod) => !ofSomeRole.has(pod)),
      ...plans.flatMap(({ remove }) => remove),
    ],
  }
}

function planRole(
  wanted: readonly WantedPod[],
  own: readonly KubeObject[],
  missing: readonly WantedPod[],
): { create: readonly WantedPod[]; remove: KubeObject[] } {
  const names = new Set(wanted.map(({ name }) => name))
  const hash = hashIn(wanted[0]!.name)
  const others = own.filter(({ metadata }) => !names.has(metadata.name))
  const [surplus, stale] = [
    others.filter(({ metadata }) => hashIn(metadata.name) === hash),
    others.filter(({ metadata }) => hashIn(metadata.name) !== hash),
  ]
  if (stale.length === 0) return { create: missing, remove: surplus }
  const kept = own.filter(({ metadata }) => names.has(metadata.name))
  const most = wanted.length + Math.ceil(wanted.length * share)
  const least = wanted.length - Math.floor(wanted.length * share)
  const room = Math.max(0, most - kept.length - stale.length)
  const ready = stale.filter(isReady)
  const spare = Math.max(0, kept.filter(isReady).length + ready.length - least)
  return {
    create: missing.slice(0, room),
    remove: [...surplus, ...stale.filter((pod) => !isReady(pod)), ...ready.slice(0, spare)],
  }
}

export function isReady(pod: KubeObject): boolean {
  return (
    !isEnding(pod) &&
    pod.status?.conditions?.some((each: Untyped) => each.type === 'Ready' && each.status === 'True')
  )
}

function isEnding({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined
}

/** The one pod of an update that goes no further. */
function isHalfApplied({ metadata }: KubeObject): boolean {
  return /-v\d+-xxxxx$/.test(metadata.name)
}

function isNamedSo({ metadata }: KubeObject, prefix: string): boolean {
  return (
    metadata.name.startsWith(prefix) && /^[^-]+-[^-]+$/.test(metadata.name.slice(prefix.length))
  )
}

function hashIn(name: string): string {
  return name.split('-').at(-2)!
}
