import type { DeploymentState } from '@hub/shared'

/** What makes each state on a real control plane in the suite, for the page about states. */
export const stateSources: Record<DeploymentState, string> = {
  running: 'Deployment controller, scheduler, kwok',
  'partly-running': 'scheduler: nodes have room for some',
  starting: 'API server: new, without a status',
  'downloading-model': 'a condition, as its runtime writes it',
  'waiting-for-gpus': 'scheduler',
  'waiting-for-node': 'scheduler',
  'quota-used-up': 'ResourceQuota, ReplicaSet controller',
  'image-not-pulled': 'a pod status, as a kubelet writes it',
  crashing: 'a pod status, as a kubelet writes it',
  'secret-missing': 'a pod status, as a kubelet writes it',
  'volume-missing': 'scheduler: a claim that does not exist',
  'not-reconciled': 'a heartbeat of long ago, as its runtime wrote it',
  'runtime-missing': 'API server: a runtime that was never installed',
  'runtime-not-ready': 'a runtime that says so',
  'change-not-seen': 'API server: its own generation',
  'update-blocked': 'ResourceQuota, Deployment and ReplicaSet controllers',
  paused: 'API server: annotation and generation',
  failed: 'pod security admission, ReplicaSet controller',
  deleting: 'API server: its own deletionTimestamp',
  'deletion-held': 'API server: a finalizer that nobody clears',
  unknown: 'nothing: the CRD takes no other word',
}
