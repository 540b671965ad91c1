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
export { computeCapacity, readNode, type NodeFacts, type PodFacts } from './capacity.ts'
export { readClaim, readSlice, type ClaimFacts, type SliceFacts } from './devices.ts'
export { isAcceleratorLike } from './extended-resources.ts'
export { readRequests } from './pod-requests.ts'
export { heartbeatMaxMs, presentRuntime, readRuntime, type RuntimeFacts } from './runtimes.ts'
export { settleCredentials } from './settle-credentials.ts'
