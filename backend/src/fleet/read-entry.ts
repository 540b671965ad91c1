import type { Clock } from '#context'
import type { ApiGroup, KubeObject } from '#kube'
import type { KeptEntry } from './entry-store.ts'
import { nothingLive, type LiveFacts } from './explain/facts.ts'
import { withState } from './present-deployment.ts'
import {
  countPods,
  readDeployment,
  type FleetDeployment,
  type PodTally,
  type ReadDeployment,
} from './read-deployment.ts'
import { readObjectFacts, type ObjectFacts } from './read-object-facts.ts'
import { createEntry } from './snapshot-entry.ts'

export type EntryReaderOptions = {
  /** What the cluster's own times are compared with. */
  clock: Clock
  /** What the pods of a deployment tell; null where they may not be read. */
  podsOf?: (namespace: string, name: string) => PodTally | null
  /** What is read around a deployment. */
  liveOf?: (namespace: string, name: string) => LiveFacts
  /** Told of every object that is read. */
  onObject?: (object: KubeObject) => void
  /** When time alone makes a deployment another; null for never. */
  onChangesAt?: (of: { namespace: string; name: string }, at: number | null) => void
}

/** Makes entries of objects, with what is read around each at that moment. */
export function createEntryReader(
  instance: string,
  {
    clock,
    podsOf = () => null,
    liveOf = () => nothingLive,
    onChangesAt,
    onObject,
  }: EntryReaderOptions,
) {
  let recounts = 0
  const complete = (deployment: ReadDeployment, facts: ObjectFacts): FleetDeployment => {
    const { name, namespace } = deployment
    const counted = countPods(deployment, podsOf(namespace, name))
    const told = withState(counted, facts, liveOf(namespace, name), clock().getTime())
    onChangesAt?.({ namespace, name }, told.changesAt)
    return told.deployment
  }
  const entryOf = (
    deployment: ReadDeployment,
    facts: ObjectFacts,
    appliedAt: number | null,
  ): KeptEntry => createEntry(complete(deployment, facts), facts, { appliedAt, recounts })
  return {
    complete,
    /** Worked out again where deployments were recounted since: a list is read for a while before it is kept. */
    renew: (entry: KeptEntry): KeptEntry =>
      entry.recounts === recounts
        ? entry
        : entryOf(entry.deployment, entry.object, entry.appliedAt),
    /** What is read around deployments is another from now on. */
    countRecount: (): void => void (recounts += 1),
    /** Null for nothing that could be shown. */
    read: (
      group: ApiGroup,
      object: KubeObject,
      appliedAt: number | null = null,
    ): KeptEntry | null => {
      const deployment = readDeployment(instance, group, object)
      if (!deployment) return null
      onObject?.(object)
      return entryOf(deployment, readObjectFacts(object), appliedAt)
    },
  }
}
