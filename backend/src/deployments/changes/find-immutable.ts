import { isDeepStrictEqual } from 'node:util'
import { immutableFields, type FieldError } from '@hub/shared'
import { readQuantity, readRecords } from '#fleet'
import type { KubeObject } from '#kube'
import { readPointer } from './read-pointer.ts'

const defaults: Partial<Record<(typeof immutableFields)[number], string>> = {
  '/model/source': 'huggingface',
  '/serving/mode': 'aggregated',
}

/**
 * What a spec cannot become in place: the admission webhook refuses it. Pointers begin at the spec. Engine and runtime are
 * free until one is chosen, by hand or by AI Runway.
 */
export function findImmutable({ metadata, spec, status }: KubeObject, next: unknown): FieldError[] {
  const chosen = readPointer(status, '/provider/name')
  const fields = immutableFields.flatMap((pointer): FieldError[] => {
    const fallback = defaults[pointer]
    const given = readPointer(spec, pointer) ?? fallback
    const wanted = readPointer(next, pointer) ?? fallback
    const isChosen = pointer === '/provider/name' && given === undefined && wanted !== undefined
    const now = isChosen ? chosen : given
    if (now === undefined || now === '' || now === wanted) return []
    return [{ pointer, detail: describe(JSON.stringify(now)) }]
  })
  if (areKept(metadata?.name ?? '', spec, next)) return fields
  return [
    ...fields,
    { pointer: volumesAt, detail: describe('of the size and kind it was made with') },
  ]
}

const volumesAt = '/model/storage/volumes'

/** Whether the volumes whose claims AI Runway made stay as they are, wherever they stand; others may come beside them. */
function areKept(deployment: string, spec: unknown, next: unknown): boolean {
  const before = listVolumes(deployment, spec).filter(({ size }) => size !== null)
  const after = listVolumes(deployment, next)
  return before.every((volume) =>
    isDeepStrictEqual(
      volume,
      after.find(({ name }) => name === volume.name),
    ),
  )
}

const mountPaths = new Map<unknown, string>([
  ['modelCache', '/model-cache'],
  ['compilationCache', '/compilation-cache'],
])

/** With what AI Runway's webhook makes of fields that are left out, so that 100Gi is what 102400Mi is. */
function listVolumes(deployment: string, spec: unknown) {
  return readRecords(readPointer(spec, volumesAt)).map((volume) => {
    const { name, purpose = 'custom', readOnly = false, size = null } = volume
    const isManaged = size !== null
    return {
      name,
      purpose,
      readOnly,
      size: readQuantity(size) ?? size,
      mountPath: volume['mountPath'] ?? mountPaths.get(purpose),
      claimName: volume['claimName'] ?? (isManaged ? `${deployment}-${String(name)}` : undefined),
      accessMode: volume['accessMode'] ?? (isManaged ? 'ReadWriteMany' : undefined),
      storageClassName: volume['storageClassName'],
    }
  })
}

function describe(now: string): string {
  return `stays ${now} for as long as the deployment exists. To change it, recreate the deployment.`
}
