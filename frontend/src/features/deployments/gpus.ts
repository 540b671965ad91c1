import type { Deployment } from '@hub/shared'

type GpuFacts = Pick<Deployment, 'gpus' | 'replicas' | 'servingMode'>

/** How many GPUs a deployment asks for; null for none, and where its two kinds of replica leave the sum unknown. */
export function countGpus({ gpus, replicas, servingMode }: GpuFacts): number | null {
  if (gpus.perReplica === 0 || servingMode === 'disaggregated') return null
  return gpus.perReplica * replicas.desired
}

/** Those that its pods hold, where these are more: of replicas that are not asked for any more, they are in use still. */
export function countGpusInUse(deployment: GpuFacts): number | null {
  const asked = countGpus(deployment)
  const { held } = deployment.gpus
  if (held === null || held === 0) return asked
  return Math.max(held, asked ?? 0)
}

export function describeGpus(deployment: GpuFacts): string {
  const { held, perReplica, type } = deployment.gpus
  if (perReplica === 0) return 'None'
  const total = countGpus(deployment)
  const words = [
    total === null
      ? `up to ${perReplica} per replica`
      : `${perReplica} per replica, ${total} in all`,
    ...(held !== null && held > 0 && held !== total ? [`${held} held now`] : []),
  ].join(', ')
  return type === null ? words : `${words} (${type})`
}
