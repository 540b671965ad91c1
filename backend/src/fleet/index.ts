export { createAskClusters, type AskClusters } from './ask-clusters.ts'
export type { FleetChange } from './change-log.ts'
export { createFleet, type FleetOptions } from './create-fleet.ts'
export type { Fleet, InstanceFacts, InstanceSeen } from './fleet.ts'
export { createFleetHistory, type FleetHistorian, type GetFleetHistory } from './gpu-history.ts'
export { createFleetMap, type GetFleetMap } from './get-map.ts'
export { fleetOperations } from './operations.ts'
export type { ExplainedPod } from './explain/explain-pods.ts'
export type { FleetPod } from './read-pod.ts'
export type { SyncState } from './describe-sync.ts'
export { presentDeployment } from './present-deployment.ts'
export {
  changedByAnnotation,
  createdByAnnotation,
  isHubAnnotation,
  readConditions,
  requestIdAnnotation,
  templateAnnotation,
  type FleetDeployment,
} from './read-deployment.ts'
export type { FleetEntry, NamespaceEntries } from './entry-store.ts'
export { readQuantity } from './quantity.ts'
export { readRecord, readRecords } from './read-fields.ts'
export { compareBy, comparePlaces, findIndex, primaries, type OrderField } from './order-entries.ts'
export { presentAbilities, type Visibility } from './visibility.ts'
