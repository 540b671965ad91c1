import type { DeploymentRevision } from '@hub/shared'

/** Who made a revision: a person by the hub, or something past it. */
export function describeAuthor({ by, byName, manager, source }: DeploymentRevision): string {
  if (by !== null) return byName ?? by
  if (manager !== null) return `${manager}, past the hub`
  return source === 'cluster' ? 'past the hub' : 'the hub'
}

/** What the hub did not see, in a sentence. */
export function describeUnseen(unseen: readonly number[]): string {
  if (unseen.length === 0) return 'The hub keeps the latest 20 revisions, and saw all of these.'
  const several = unseen.length !== 1
  return `The hub did not see ${several ? 'generations' : 'generation'} ${unseen.join(', ')}: ${several ? 'they were' : 'it was'} made while it was not watching.`
}
