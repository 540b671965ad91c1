import type { FleetDeployment } from '#fleet'
import { isRecord } from '#kube'

/** How many accelerators a spec asks for in all, with what AI Runway's defaults make of it. */
export function countGpus(spec: unknown): number {
  const { engine, image, resources, scaling, serving } = recordOf(spec)
  const asked = recordOf(scaling)
  if (recordOf(serving)['mode'] === 'disaggregated') {
    return ['prefill', 'decode'].reduce((sum, part) => {
      const { gpu, replicas } = recordOf(asked[part])
      return sum + (numberOf(replicas) ?? 1) * (numberOf(recordOf(gpu)['count']) ?? 0)
    }, 0)
  }
  const type = recordOf(engine)['type']
  const isDefaulted =
    !isRecord(resources) && typeof type === 'string' && type !== 'llamacpp' && !image
  const each = numberOf(recordOf(recordOf(resources)['gpu'])['count']) ?? (isDefaulted ? 1 : 0)
  return ofReplicas(each, numberOf(asked['replicas']) ?? 1)
}

/** How many a deployment that is there asks for; of one whose parts ask for different numbers that is not told apart. */
export function countAsked({ gpus, replicas }: Pick<FleetDeployment, 'gpus' | 'replicas'>): number {
  return ofReplicas(gpus.perReplica, replicas.desired)
}

/** No runtime scales to nothing. */
function ofReplicas(each: number, replicas: number): number {
  return each * Math.max(1, replicas)
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
}
