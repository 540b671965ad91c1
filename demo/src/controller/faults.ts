import type { KubeObject, Untyped } from '../objects.ts'

/** What can go wrong with a deployment on request. */
const deploymentFaults = [
  'crash',
  'oom',
  'no-image',
  'no-secret',
  'no-volume',
  'held',
  'half-applied',
] as const
type DeploymentFault = (typeof deploymentFaults)[number]

const annotation = 'demo.airunway.ai/fault'
/** Of a finalizer that nobody clears. */
export const heldFinalizer = 'example.com/holds-it'

/** Asked for by the annotation, or by a name such as `demo-crash`; null for none. */
export function faultOf({ metadata }: KubeObject): DeploymentFault | null {
  const asked = metadata.annotations?.[annotation] ?? /^demo-(.+)$/.exec(metadata.name)?.[1]
  return deploymentFaults.find((fault) => fault === asked) ?? null
}

/** A runtime whose controller was told to fall silent. */
export function isSilent({ metadata }: KubeObject): boolean {
  return metadata.annotations?.['demo.airunway.ai/silent'] === 'true'
}

/** The same pod with what makes it fail; its kubelet and scheduler do the rest. */
export function withFault(pod: KubeObject, deployment: KubeObject): KubeObject {
  const fault = faultOf(deployment)
  const token: string | undefined = deployment.spec.secrets?.huggingFaceToken
  const secret = token ?? (fault === 'no-secret' ? 'hf-token' : undefined)
  if (fault === null && secret === undefined) return pod
  const next = structuredClone(pod)
  const [container] = next.spec.containers as Untyped[]
  if (fault === 'crash' || fault === 'oom') {
    next.metadata.annotations = { ...next.metadata.annotations, [annotation]: fault }
  }
  if (fault === 'no-image') container.image = withMissingTag(container.image)
  if (secret !== undefined) {
    const valueFrom = { secretKeyRef: { name: secret, key: 'HF_TOKEN' } }
    container.env = [...(container.env ?? []), { name: 'HF_TOKEN', valueFrom }]
  }
  if (fault === 'no-volume') {
    const claimName = `${deployment.metadata.name}-models`
    next.spec.volumes = [{ name: 'models', persistentVolumeClaim: { claimName } }]
  }
  return next
}

/** The first pod of the new version, whose image no registry has: the old ones stay as they are. */
export function toHalfAppliedPod(deployment: KubeObject, pod: KubeObject): KubeObject | null {
  const { generation = 1 } = deployment.metadata
  if (faultOf(deployment) !== 'half-applied' || generation < 2) return null
  const next = structuredClone(pod)
  const hash = `v${generation}`
  next.metadata.name = `${deployment.metadata.name}-${hash}-xxxxx`
  next.metadata.labels = { ...next.metadata.labels, 'pod-template-hash': hash }
  const [container] = next.spec.containers as Untyped[]
  container.image = withMissingTag(container.image)
  return next
}

/** How a container of this pod ends whenever it runs; null for one that goes on. */
export function crashOf({ metadata }: KubeObject): { exitCode: number; reason: string } | null {
  const fault = metadata.annotations?.[annotation]
  if (fault === 'oom') return { exitCode: 137, reason: 'OOMKilled' }
  return fault === 'crash' ? { exitCode: 1, reason: 'Error' } : null
}

/** The demo's clusters keep no secrets: whichever a container names is missing. */
export function missingSecretOf({ spec }: KubeObject): string | null {
  const [container] = spec.containers as Untyped[]
  const named = container.env?.find((each: Untyped) => each.valueFrom?.secretKeyRef)
  return named?.valueFrom.secretKeyRef.name ?? null
}

function withMissingTag(image: string): string {
  return `${image.replace(/:[^:/]*$/, '')}:missing`
}
