import type { KubeObject } from '../objects.ts'

const cacheMountPaths: Record<string, string> = {
  modelCache: '/model-cache',
  compilationCache: '/compilation-cache',
}

/** What AI Runway's mutating webhook fills in. The object given is not changed. */
export function defaultModelDeployment(object: KubeObject): KubeObject {
  if (!object.spec?.model) return object // the schema refuses it
  const next = structuredClone(object)
  const { spec } = next
  spec.model.source ??= 'huggingface'
  spec.serving ??= {}
  spec.serving.mode ??= 'aggregated'
  if (spec.serving.mode === 'aggregated') {
    spec.scaling ??= { replicas: 1 }
    const isGpuEngine = spec.engine?.type && spec.engine.type !== 'llamacpp'
    if (!spec.resources && isGpuEngine && !spec.image) {
      spec.resources = { gpu: { count: 1, type: 'nvidia.com/gpu' } }
    }
  }
  if (spec.resources?.gpu) spec.resources.gpu.type ??= 'nvidia.com/gpu'
  for (const volume of spec.model.storage?.volumes ?? []) {
    volume.purpose ??= 'custom'
    volume.mountPath ??= cacheMountPaths[volume.purpose]
    if (volume.mountPath === undefined) delete volume.mountPath
    if (volume.size !== undefined) {
      volume.claimName ??= `${next.metadata.name}-${volume.name}`
      volume.accessMode ??= 'ReadWriteMany'
    }
  }
  return next
}
