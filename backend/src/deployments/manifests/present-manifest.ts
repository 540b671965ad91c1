import { createHash } from 'node:crypto'
import type { Manifest } from '@hub/shared'
import { isHubAnnotation } from '#fleet'
import type { ReadyCluster } from '#instances'
import { apiGroups, apiVersion, isRecord, type KubeObject } from '#kube'

/** What kubectl and AI Runway's controllers note on an object for themselves. */
const notes = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  ...apiGroups.map((group) => `${group}/httproute-created`),
])

/** The object as somebody would apply it: without what the API server, the controllers and the hub write. */
export function presentManifest(
  { apiGroup }: Pick<ReadyCluster, 'apiGroup'>,
  object: KubeObject,
): Manifest {
  const { annotations, labels, name = '', namespace = '' } = object.metadata ?? {}
  const own = Object.fromEntries(
    Object.entries(textsOf(annotations)).filter(
      ([key]) => !notes.has(key) && !isHubAnnotation(key),
    ),
  )
  const marks = textsOf(labels)
  return {
    apiVersion: `${apiGroup}/${apiVersion}`,
    kind: 'ModelDeployment',
    metadata: {
      name,
      namespace,
      ...(Object.keys(marks).length > 0 && { labels: marks }),
      ...(Object.keys(own).length > 0 && { annotations: own }),
    },
    spec: isRecord(object['spec']) ? object['spec'] : {},
  }
}

/** Another text once somebody changed what the manifest shows, and no other when a controller writes a status. */
export function versionOf(uid: string | undefined, manifest: Manifest): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted([uid ?? null, manifest])))
    .digest('base64url')
    .slice(0, 32)
}

function textsOf(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {}
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isRecord(value)) return value
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, sorted(inner)])
}
