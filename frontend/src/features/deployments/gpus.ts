import type { Deployment } from '@hub/shared'

type GpuFacts = Pick<Deployment, 'gpus' | 'replicas' | 'servingMode'>

/** How many GPUs a deployment asks for; null for none, and where its two kinds of replica leave the sum unknown. */
export function countGpus({ gpus, replicas, servingMode }: GpuFacts): number | null {
  if (gpus.perReplica === 0 || servingMode === 'disaggregated') return null
  return gpus.perReplica * replicas.desired
}

export function describeGpus(deployment: GpuFacts): string {
  const { perReplica, type } = deployment.gpus
  if (perReplica === 0) return 'None'
  const total = countGpus(deployment)
  const words =
    total === null
      ? `up to ${perReplica} per replica`
      : `${perReplica} per replica, ${total} in all`
  return type === null ? words : `${words} (${type})`
}
