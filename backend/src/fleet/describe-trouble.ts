import { toAppError, type ClusterError, type ClusterErrorKind } from '#kube'
import { collections, isExtra, type Kind } from './kinds.ts'
import type { KindState } from './watch-kind.ts'

/** What a health probe that fails would tell as well: it is asked first, and these count where it does not fail. */
const probeTells: ReadonlySet<ClusterErrorKind> = new Set([
  'dns',
  'refused',
  'timeout',
  'proxy',
  'tls',
  'blocked-address',
  'unauthorized',
  'not-found',
  'aborted',
])
/** Longer than a probe takes to come and to fail. */
const probeTellsWithinMs = 45_000
/** A cluster whose deployments were not read by then is not ready, whatever else it answers. */
export const firstListMs = 20_000

export type KindNow = { kind: Kind; state: KindState; behindMs: number }

/** What of a cluster that answers cannot be read. It names no namespace: not everybody may know of each. */
export function describeTrouble(id: string, watched: readonly KindNow[]): string | null {
  const states = watched.filter(({ kind }) => !isExtra(kind))
  const failing = states.filter(isFailing)
  const isUnread = ({ behindMs, kind, state }: KindNow) =>
    kind === 'deployments' && !state.known && state.error === null && behindMs >= firstListMs
  const partial = states.filter(({ state }) => state.covered !== null)
  const words = (some: typeof states) => listWords(some.map(({ kind }) => collections[kind].words))
  const sentences = [
    ...(failing.length > 0
      ? [describeBlindness(id, words(failing), failing[0]!.state.error!)]
      : []),
    ...(states.some(isUnread)
      ? [`The deployments of instance "${id}" are still being read for the first time.`]
      : []),
    ...(partial.length > 0 ? [describePartial(id, words(partial))] : []),
  ]
  return sentences.length > 0 ? sentences.join(' ') : null
}

export function describePartial(id: string, words: string): string {
  return `The hub's credential may read ${words} of instance "${id}" in some namespaces only, so others are missing. An administrator of the hub can extend its rights on the cluster.`
}

function describeBlindness(id: string, words: string, error: ClusterError): string {
  return `The hub cannot read ${words} of instance "${id}". ${toAppError(error, { instance: id }).detail}`
}

function isFailing({ behindMs, kind, state }: KindNow): boolean {
  if (state.synced || state.error === null) return false
  // An older AI Runway has none.
  if (kind === 'runtimes' && state.error.kind === 'not-found') return false
  return !probeTells.has(state.error.kind) || behindMs >= probeTellsWithinMs
}

/** Why one kind is not up to date. What is too much is said of what. */
export function describeFailure(id: string, words: string, error: ClusterError): string {
  if (error.kind === 'too-much') return describeBlindness(id, words, error)
  return toAppError(error, { instance: id }).detail
}

/** Why nothing of a kind is known. */
export function describeMissing(
  id: string,
  kind: 'nodes' | 'pods' | 'claims',
  state: KindState | null,
): string {
  const { words } = collections[kind]
  if (state?.covered) return describePartial(id, words)
  if (state?.error) return describeFailure(id, words, state.error)
  return `The ${words} of instance "${id}" have not been read yet.`
}

/** Of what was read once, and is not up to date. */
export function describeOld(id: string, kind: Kind, state: KindState): string[] {
  if (state.synced || state.error === null) return []
  return [
    `The ${collections[kind].words} are in their last known state. ${describeFailure(id, collections[kind].words, state.error)}`,
  ]
}

function listWords(words: string[]): string {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(words)
}
