import {
  deploymentFields,
  matchDeployments,
  type DeploymentField,
  type DeploymentFilter,
} from '@hub/shared'
import type { Fleet, FleetEntry, Visibility } from '#fleet'

const fields = Object.keys(deploymentFields) as DeploymentField[]
/** What those of one namespace differ in. */
const ownFields = ['model', 'owner', 'gpu', 'engine'] as const satisfies DeploymentField[]

/** By field: how many deployments have which value. */
export type FacetCounts = Readonly<Record<DeploymentField, ReadonlyMap<string, number>>>

type Asked = {
  fleet: Pick<Fleet, 'namespaces'>
  visible: readonly string[]
  visibility: Visibility
  filter: DeploymentFilter
}

/** Counts each field under the whole filter but that field's own, in one walk over what the caller may see. */
export function countFacets({ filter, fleet, visibility, visible }: Asked): FacetCounts {
  const counts = {
    instance: new Map<string, number>(),
    namespace: new Map<string, number>(),
    model: new Map<string, number>(),
    owner: new Map<string, number>(),
    gpu: new Map<string, number>(),
    engine: new Map<string, number>(),
  }
  const { hasStatus, hasWords } = matchDeployments(filter)
  const asked = fields.filter((field) => filter[field] !== undefined)
  const add = (field: DeploymentField, value: string | null, more = 1) => {
    if (value !== null) counts[field].set(value, (counts[field].get(value) ?? 0) + more)
  }
  for (const id of visible) {
    for (const { entries, namespace } of fleet.namespaces(id)) {
      if (!visibility.sight(id, namespace)) continue
      let listed = 0
      for (const { deployment, searchText, status } of entries) {
        if (!hasStatus(status) || !hasWords(deployment, searchText)) continue
        const failed = findFailed(asked, filter, deployment)
        if (failed === 'several') continue
        if (failed === null) {
          listed += 1
          for (const field of ownFields) add(field, deploymentFields[field](deployment))
        } else {
          // It would be in the list with another value of this one.
          add(failed, deploymentFields[failed](deployment))
        }
      }
      // The same for all of them.
      if (listed > 0) {
        add('instance', id, listed)
        add('namespace', namespace, listed)
      }
    }
  }
  return counts
}

/** The one field that has another value than is asked for; null where none has. */
function findFailed(
  asked: readonly DeploymentField[],
  filter: DeploymentFilter,
  deployment: FleetEntry['deployment'],
): DeploymentField | 'several' | null {
  let failed: DeploymentField | null = null
  for (const field of asked) {
    if (deploymentFields[field](deployment) === filter[field]) continue
    if (failed !== null) return 'several'
    failed = field
  }
  return failed
}
