export { findOwnToken, takesOwnTokens } from './act-for.ts'
export { askAsCaller } from './ask-as-caller.ts'
export { auditChange, clusterErrorOf, type Sending } from './audit-change.ts'
export { createClusterRights, type ClusterRights } from './cluster-rights.ts'
export type { ClusterInstance, InstancesChange } from './cluster-instance.ts'
export { createInstances, type Instances, type InstancesOptions } from './create-instances.ts'
export { describeReadOnly, hasCredential, writeCredential } from './credential-file.ts'
export type { RejectedCredential } from './credentials-directory.ts'
export {
  countDescriptors,
  planDescriptors,
  readDescriptorLimit,
  type DescriptorPlan,
} from './descriptors.ts'
export { settleCredentials } from './settle-credentials.ts'
export { credentialOperations } from './operations.ts'
export type { CredentialDeps } from './list-credentials.ts'
