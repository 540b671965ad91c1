export { createAskClusters, type AskClusters } from './ask-clusters.ts'
export type { FleetChange } from './change-log.ts'
export { createFleet, type Fleet, type FleetOptions, type SyncState } from './create-fleet.ts'
export { type FleetDeps } from './list-deployments.ts'
export {
  createdByAnnotation,
  presentDeployment,
  requestIdAnnotation,
  type FleetDeployment,
} from './present-deployment.ts'
export { presentAbilities, type Visibility } from './visibility.ts'
