export { createBreaks, type Breaks } from './list-watch/breaks.ts'
export {
  createLedger,
  createPace,
  instanceBytesKeptMax,
  kindBudget,
  type Budget,
  type Ledger,
  type Pace,
  type Size,
} from './list-watch/budget.ts'
export {
  ClusterError,
  connectionKinds,
  isClosedTransport,
  startingError,
  type ClusterErrorKind,
  type ClusterErrorOptions,
  type StatusCause,
} from './cluster-error.ts'
export { decodeText } from './decode-text.ts'
export { findObject } from './find-object.ts'
export { readLifetimes, type Lifetime } from './credential-lifetimes.ts'
export {
  apiGroups,
  apiVersion,
  countFormer,
  discoverCluster,
  type ApiGroup,
  type ClusterFacts,
} from './discover-cluster.ts'
export { isImpersonable, type Impersonation } from './impersonation.ts'
export { kubePath, type KubePath } from './kube-path.ts'
export { deadAfterMs } from './list-watch/hearing.ts'
export { listWatch } from './list-watch/list-watch.ts'
export type { ListWatchEvent, ListWatchOptions, ListWatchState } from './list-watch/options.ts'
export { createKubeconfigReader, type KubeconfigReader } from './kubeconfig-reader.ts'
export { loadKubeconfig, type LoadedKubeconfig } from './load-kubeconfig.ts'
export {
  clip,
  isRecord,
  type KubeList,
  type KubeMetadata,
  type KubeObject,
  type WatchEvent,
} from './objects.ts'
export { createAnonymousCredential, type ClusterCredential } from './cluster-credential.ts'
export type { KubeconfigPolicy } from './kubeconfig-policy.ts'
export { parseKubeconfig, type ParsedKubeconfig } from './parse-kubeconfig.ts'
export type { ExecPlugin } from './judge-exec-plugin.ts'
export { kubeconfigBytesMax } from './read-yaml.ts'
export { readSized } from './read-sized.ts'
export { reviewAccess } from './review-access.ts'
export { splitContexts, type KubeconfigFile, type SplitContexts } from './split-contexts.ts'
export { runExecPlugin, type ExecOptions, type ExecResult } from './run-exec-plugin.ts'
export { createResolve, type Resolve } from './transport/resolve-name.ts'
export { sleep, systemTiming, type Timing } from './timing.ts'
export { clusterProblems, isImpersonationRefused, toAppError } from './to-app-error.ts'
export { createTransport } from './transport/create-transport.ts'
export type {
  Intake,
  KubeRequest,
  KubeResponse,
  Passage,
  PassageRequest,
  Query,
  Sockets,
  Transport,
  TransportLimits,
  TransportOptions,
  WatchRequest,
} from './transport/transport.ts'
export { createHostRules, type HostRules } from './host-rules.ts'
export { describeBlockedAddress, describeBlockedHost, type AddressPolicy } from './addresses.ts'
