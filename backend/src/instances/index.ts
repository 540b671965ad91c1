export { actFor } from './act-for.ts'
export { createClusterRights, type ClusterRights } from './cluster-rights.ts'
export {
  createInstances,
  type ClusterInstance,
  type Instances,
  type InstancesChange,
  type InstancesOptions,
} from './create-instances.ts'
export { describeReadOnly, hasCredential, writeCredential } from './credential-file.ts'
export type { RejectedCredential } from './credentials-directory.ts'
export {
  countDescriptors,
  planDescriptors,
  readDescriptorLimit,
  type DescriptorPlan,
} from './descriptors.ts'
export { getInstance, requireInstance } from './get-instance.ts'
export { listInstances, type InstanceDeps } from './list-instances.ts'
export { listNamespaces } from './list-namespaces.ts'
export { presentInstance, type InstanceFacts } from './present.ts'
export {
  computeCapacity,
  readClaim,
  readNode,
  readRequests,
  readSlice,
  type ClaimFacts,
  type NodeFacts,
  type PodFacts,
  type SliceFacts,
} from './capacity.ts'
export { heartbeatMaxMs, presentRuntime, readRuntime, type RuntimeFacts } from './runtimes.ts'
export { settleCredentials } from './settle-credentials.ts'
