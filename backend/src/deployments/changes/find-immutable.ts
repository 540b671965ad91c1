import { isDeepStrictEqual } from 'node:util'
import { immutableFields, type FieldError } from '@hub/shared'
import { isRecord, type KubeObject } from '#kube'
import { readPointer } from './read-pointer.ts'

const defaults: Partial<Record<(typeof immutableFields)[number], string>> = {
  '/model/source': 'huggingface',
  '/serving/mode': 'aggregated',
}

/**
 * What a spec cannot become in place: the admission webhook refuses it. Pointers begin at the spec. Engine and runtime are
 * free until one is chosen, by hand or by AI Runway.
 */
export function findImmutable({ spec, status }: KubeObject, next: unknown): FieldError[] {
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
  const volumes = '/model/storage/volumes'
  if (isDeepStrictEqual(managed(spec, volumes), managed(next, volumes))) return fields
  return [
    ...fields,
    { pointer: volumes, detail: describe('of the size and kind it was made with') },
  ]
}

/** Volumes whose claims AI Runway makes. */
function managed(spec: unknown, pointer: string): unknown[] {
  const volumes = readPointer(spec, pointer)
  if (!Array.isArray(volumes)) return []
  return volumes.filter((volume) => isRecord(volume) && volume['size'] !== undefined)
}

function describe(now: string): string {
  return `stays ${now} for as long as the deployment exists. To change it, recreate the deployment.`
}
