import { createHash } from 'node:crypto'
import { crdGroupOf, withPrefixOf } from '../crd-group.ts'
import type { KubeObject, Untyped } from '../objects.ts'
import { faultOf } from './faults.ts'
import type { Provider } from './providers.ts'

/** Pods of one role are replaced among themselves, as those of one apps/v1 Deployment. */
export type WantedPod = { name: string; role: string; pod: KubeObject }

/** The pods that a ModelDeployment should have; the same spec always gives the same names. */
export function toWantedPods(deployment: KubeObject, provider: Provider): WantedPod[] {
  const { spec } = deployment
  if (spec.serving?.mode === 'disaggregated') {
    return (['prefill', 'decode'] as const).flatMap((role) => {
      const part = spec.scaling?.[role] ?? {}
      return Array.from({ length: part.replicas ?? 1 }, (_, i) =>
        toPod(deployment, provider, `-${role}`, i, { gpu: part.gpu, memory: part.memory }),
      )
    })
  }
  // Every provider takes 0 replicas for 1.
  const replicas = Math.max(1, spec.scaling?.replicas ?? 1)
  return Array.from({ length: replicas }, (_, i) =>
    toPod(deployment, provider, '', i, spec.resources ?? {}),
  )
}

/** Labels that all pods of a ModelDeployment share: its Service selects by them. */
export function toSelector(deployment: KubeObject, provider: Provider): Record<string, string> {
  const one = toPodLabels(deployment, provider, 'aaaaaaaaaa')
  const other = toPodLabels(deployment, provider, 'bbbbbbbbbb')
  // What is another for each template is no label of all of them.
  return Object.fromEntries(Object.entries(one).filter(([name, value]) => other[name] === value))
}

export function ownerReferenceTo({ apiVersion, kind, metadata }: KubeObject) {
  return {
    apiVersion: apiVersion!,
    kind: kind!,
    name: metadata.name,
    uid: metadata.uid!,
    controller: true,
    blockOwnerDeletion: true,
  }
}

function toPod(
  deployment: KubeObject,
  provider: Provider,
  role: string,
  index: number,
  resources: { gpu?: { count?: number; type?: string }; memory?: string; cpu?: string },
): WantedPod {
  const { metadata, spec } = deployment
  const gpus = resources.gpu?.count ?? 0
  const limits = {
    ...(resources.cpu && { cpu: resources.cpu }),
    ...(resources.memory && { memory: resources.memory }),
    ...(gpus > 0 && { [resources.gpu?.type ?? 'nvidia.com/gpu']: String(gpus) }),
  }
  const { container } = provider
  const { annotations, labels } = (provider.passesPodTemplate && spec.podTemplate?.metadata) || {}
  const podSpec = {
    terminationGracePeriodSeconds: 5,
    ...(spec.nodeSelector && { nodeSelector: spec.nodeSelector }),
    tolerations: [
      { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
      ...(spec.tolerations ?? []),
    ],
    containers: [
      {
        name: container.name,
        image: spec.engine?.image || spec.image || container.image,
        args: toArguments(spec),
        ...(spec.env && { env: spec.env }),
        ports: [{ name: 'http', containerPort: container.port, protocol: 'TCP' }],
        ...(Object.keys(limits).length > 0 && { resources: { limits, requests: limits } }),
      },
    ],
  }
  const hash = hashOf(deployment, { annotations, labels, podSpec, secrets: spec.secrets })
  const name = `${metadata.name}${role}-${hash}-${digest(`${metadata.uid}${role}${index}`, 5)}`
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: metadata.namespace!,
      labels: { ...labels, ...toPodLabels(deployment, provider, hash) },
      ...(annotations && { annotations }),
      ownerReferences: [ownerReferenceTo(deployment)],
    },
    spec: podSpec,
  }
  return { name, role, pod }
}

function toPodLabels(
  deployment: KubeObject,
  provider: Provider,
  hash: string,
): Record<string, string> {
  const labels = provider.toPodLabels(deployment.metadata.name, hash)
  return withPrefixOf(crdGroupOf(deployment), labels)
}

function toArguments({ model, engine = {} }: Untyped): string[] {
  const args = Object.entries<string>(engine.args ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return [
    ...(model.id ? ['--model', model.id] : []),
    ...(model.servedName ? ['--served-model-name', model.servedName] : []),
    ...(engine.contextLength ? ['--max-model-len', String(engine.contextLength)] : []),
    ...args.flatMap(([key, value]) => (value === '' ? [`--${key}`] : [`--${key}`, value])),
    ...(engine.extraArgs ?? []),
  ]
}

/** Another one for each template, so that its pods take the place of those before. */
function hashOf(deployment: KubeObject, template: object): string {
  // Whose update gets stuck keeps the pods that it has.
  const isStuck = faultOf(deployment) === 'half-applied'
  return digest(`${deployment.metadata.uid}${isStuck ? '' : JSON.stringify(template)}`, hashLength)
}

const hashLength = 10
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

function digest(text: string, length: number): string {
  const bytes = createHash('sha256').update(text).digest()
  return Array.from(bytes.subarray(0, length), (byte) => alphabet[byte % alphabet.length]).join('')
}
