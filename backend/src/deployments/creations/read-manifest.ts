import type { FieldError } from '@hub/shared'
import { AppError } from '#errors'
import { isHubAnnotation } from '#fleet'
import { apiGroups, apiVersion, isRecord } from '#kube'

const versions = apiGroups.map((group) => `${group}/${apiVersion}`)

/** What the API server wrote, as `kubectl get -o yaml` shows it. */
const written = new Set([
  'creationTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
])
const read = new Set(['name', 'namespace', 'labels', 'annotations'])
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** Whether somebody sent the object itself, and not what the API asks for. */
export function isManifest(sent: unknown): boolean {
  return isRecord(sent) && ('kind' in sent || 'apiVersion' in sent)
}

/**
 * What is to be created, of a ModelDeployment as kubectl takes it: of either group, without what servers write. Throws
 * `invalid-request` with the fields that name something else.
 */
export function readManifest(sent: unknown, { namespace }: Record<string, string>): unknown {
  if (!isRecord(sent)) return sent
  const { apiVersion: version, kind, metadata: given, spec, status: _, ...rest } = sent
  const metadata = isRecord(given) ? given : {}
  const errors: FieldError[] = []
  const note = (pointer: string, detail: string) => errors.push({ pointer, detail })
  if (kind !== 'ModelDeployment') {
    note('/kind', 'must be ModelDeployment: the hub deploys nothing else. The rest is for kubectl.')
  }
  if (!versions.includes(String(version))) {
    note('/apiVersion', `must be ${versions[0]} (or ${versions[1]}, as older releases call it)`)
  }
  if (metadata['namespace'] !== undefined && metadata['namespace'] !== namespace) {
    note(
      '/metadata/namespace',
      `must be "${namespace}", as the address says, or be left out: send it to the namespace that is meant`,
    )
  }
  for (const name of Object.keys(metadata)) {
    if (read.has(name) || written.has(name)) continue
    const isGenerated = name === 'generateName'
    note(
      `/metadata/${name}`,
      isGenerated ? 'is not taken; give a name' : 'is not for the hub to set; leave it out',
    )
  }
  if (errors.length > 0) throw invalid(errors)
  const { annotations, labels, name } = metadata
  return {
    ...rest,
    name,
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations: withoutNotes(annotations) }),
    ...(spec !== undefined && { spec }),
  }
}

/** Where in a manifest is what the API has at this pointer. */
export function toManifestPointer(pointer: string): string {
  return /^\/(name|labels|annotations)(\/|$)/.test(pointer) ? `/metadata${pointer}` : pointer
}

function withoutNotes(annotations: unknown): unknown {
  if (!isRecord(annotations)) return annotations
  return Object.fromEntries(
    Object.entries(annotations).filter(([key]) => key !== lastApplied && !isHubAnnotation(key)),
  )
}

function invalid(errors: FieldError[]): AppError {
  const sentences = errors.map(({ detail, pointer }) => `${pointer} ${detail}`)
  return new AppError('invalid-request', {
    detail: `This is not a manifest that can be deployed here. ${sentences.join('; ')}.`,
    errors,
  })
}
