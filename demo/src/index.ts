export { startApiServer } from './api-server/server.ts'
export type { ApiServer, ApiServerOptions } from './api-server/server.ts'
export type { Fault } from './api-server/faults.ts'
export {
  createCertificateAuthority,
  issueAuthority,
  issueClientCertificate,
  issueServerCertificate,
} from './certificates.ts'
export type { KeyPair } from './certificates.ts'
export { createKubeClient, KubeError } from './client.ts'
export type { KubeClient, KubeResponse } from './client.ts'
export { hubNamespace, hubServiceAccount } from './cluster.ts'
export type { Cluster, ClusterAuthentication } from './cluster.ts'
export type { CrdGroup } from './crd-group.ts'
export { startControlPlane } from './control-plane.ts'
export type { ControlPlane, ControlPlaneOptions } from './control-plane.ts'
export { startController } from './controller/controller.ts'
export type { Controller, ControllerOptions } from './controller/controller.ts'
export { demoNodes } from './controller/nodes.ts'
export type { NodeSpec } from './controller/nodes.ts'
export { demoTimeline, fastTimeline } from './controller/timeline.ts'
export type { Timeline } from './controller/timeline.ts'
export {
  applyManifests,
  crdPaths,
  hubAccessPath,
  readClusterManifests,
  readManifests,
} from './manifests.ts'
export { createModelLoad } from './model-server/model-load.ts'
export type { AuditEvent, OpenControlPlane } from './open-control-plane.ts'
export type { KubeObject, KubeStatus, WatchEvent } from './objects.ts'
export { hubProgram, startHub } from './hub-process.ts'
export type { HubProcess } from './hub-process.ts'
export { startIdentityProvider } from './identity-provider/identity-provider.ts'
export type {
  IdentityProvider,
  IdentityProviderClient,
  IdentityProviderOptions,
} from './identity-provider/identity-provider.ts'
export { personas } from './identity-provider/personas.ts'
export type { Persona } from './identity-provider/personas.ts'
export { generateDeployments } from './generated-deployments.ts'
export { loadCluster } from './load-cluster.ts'
export { prepareStop } from './stop-server.ts'
export { worldClusters } from './world-clusters.ts'
