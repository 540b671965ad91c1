import type { ApiGroup, KubeObject } from '#kube'
import { countReplicas } from './explain/count-replicas.ts'
import { explainDeployment } from './explain/explain-deployment.ts'
import { nothingLive, type LiveFacts } from './explain/facts.ts'
import { readDeployment, type FleetDeployment, type ReadDeployment } from './read-deployment.ts'
import { readObjectFacts, type ObjectFacts } from './read-object-facts.ts'

/** A deployment as its object alone tells it. Null where it has no name to be shown by. */
export function presentDeployment(
  instance: string,
  group: ApiGroup,
  object: KubeObject,
  now: Date,
): FleetDeployment | null {
  const deployment = readDeployment(instance, group, object)
  return (
    deployment &&
    withState(deployment, readObjectFacts(object), nothingLive, now.getTime()).deployment
  )
}

/** What it comes to with what is read around it; `changesAt` is when time alone makes it another. */
export function withState(
  deployment: ReadDeployment,
  object: ObjectFacts,
  live: LiveFacts,
  now: number,
): { deployment: FleetDeployment; changesAt: number | null } {
  const facts = { deployment, object, live, now }
  const { changesAt, sentence, state } = explainDeployment(facts)
  // Some controllers count one half of a disaggregated deployment alone.
  const ready = object.halves ? countReplicas(facts).ready : object.ready
  const replicas = { ...deployment.replicas, ready }
  return { deployment: { ...deployment, replicas, state, sentence }, changesAt }
}
