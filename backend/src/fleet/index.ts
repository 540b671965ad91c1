export { createAskClusters, type AskClusters } from './ask-clusters.ts'
export type { FleetChange } from './change-log.ts'
export {
  createFleet,
  type Fleet,
  type FleetOptions,
  type InstanceFacts,
  type SyncState,
} from './create-fleet.ts'
export {
  createdByAnnotation,
  presentDeployment,
  requestIdAnnotation,
  type FleetDeployment,
} from './present-deployment.ts'
export type { FleetEntry } from './snapshot.ts'
export { presentAbilities, type Visibility } from './visibility.ts'
