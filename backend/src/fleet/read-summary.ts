import { describeMissing, describeOld } from './describe-trouble.ts'
import type { KindStores } from './kind-stores.ts'
import type { Kind } from './kinds.ts'
import type { Snapshot } from './snapshot.ts'
import type { SummarySource } from './summary.ts'
import type { KindState } from './watch-kind.ts'

/** What an instance's summary is made of, and why not of more. */
export function readSummary(
  id: string,
  stateOf: (kind: Kind) => KindState | null,
  { snapshot, stores }: { snapshot: Pick<Snapshot, 'namespaces' | 'get'>; stores: KindStores },
): SummarySource {
  const nodes = stateOf('nodes')
  const pods = stateOf('pods')
  const runtimes = stateOf('runtimes')
  const slices = stateOf('slices')
  const claims = stateOf('claims')
  const hasAllPods = pods?.known === true && pods.covered === null
  return {
    nodes: nodes?.known ? stores.nodes.list() : null,
    pods: hasAllPods ? stores.pods.list() : null,
    hasDeployment: (namespace, name) => snapshot.get(namespace, name) !== null,
    slices: stores.slices.list(),
    claims: claims?.known ? stores.claims.list() : null,
    deviceReasons: [
      ...(slices ? describeOld(id, 'slices', slices) : []),
      ...(claims?.known
        ? describeOld(id, 'claims', claims)
        : [describeMissing(id, 'claims', claims)]),
    ],
    reasons: [
      ...(nodes?.known ? describeOld(id, 'nodes', nodes) : [describeMissing(id, 'nodes', nodes)]),
      ...(hasAllPods ? describeOld(id, 'pods', pods) : [describeMissing(id, 'pods', pods)]),
    ],
    runtimes:
      runtimes?.known || runtimes?.error?.kind === 'not-found' ? stores.runtimes.list() : null,
    deploymentCounts: Object.fromEntries(
      snapshot.namespaces().map(({ entries, namespace }) => [namespace, entries.length]),
    ),
  }
}
