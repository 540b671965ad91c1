export { createAskClusters, type AskClusters } from './ask-clusters.ts'
export type { FleetChange } from './change-log.ts'
export { createFleet, type Fleet, type FleetOptions, type InstanceFacts } from './create-fleet.ts'
export type { SyncState } from './describe-sync.ts'
export {
  createdByAnnotation,
  presentDeployment,
  requestIdAnnotation,
  type FleetDeployment,
} from './present-deployment.ts'
export type { FleetEntry } from './snapshot.ts'
export { presentAbilities, type Visibility } from './visibility.ts'
