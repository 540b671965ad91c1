import { isDeepStrictEqual } from 'node:util'
import { readRecord, readRecords } from '#fleet'
import { isRecord, type KubeObject } from '#kube'
import { line } from './describe-changed.ts'

/** Those that declare without server-side apply: what they wrote they write again. */
const declaring = new Set(['argocd-controller', 'helm', 'kubectl-client-side-apply'])
const fieldsMax = 5
const managersMax = 5

/** Says of fields that a patch changes who declares them elsewhere (`metadata.managedFields`), and so may set them back. */
export function describeDeclared(
  { metadata, spec }: KubeObject,
  patch: { metadata?: object; spec?: object },
): string[] {
  const present = { metadata, spec }
  return readRecords(metadata?.['managedFields'])
    .filter(isDeclaration)
    .flatMap(({ fieldsV1, manager }) => {
      const fields = listChanged(patch, present, fieldsV1, [])
      return fields.length === 0 ? [] : [describe(fields, String(manager))]
    })
    .slice(0, managersMax)
}

function isDeclaration({ manager, operation, subresource }: Record<string, unknown>): boolean {
  if (typeof manager !== 'string' || subresource) return false
  return operation === 'Apply' || declaring.has(manager)
}

/** What of a patch is another value than now, and owned as FieldsV1 spells it. A list is one field. */
function listChanged(
  patch: unknown,
  present: unknown,
  owned: unknown,
  path: readonly string[],
): string[] {
  if (patch === undefined || !isRecord(owned)) return []
  if (!isRecord(patch)) {
    return isDeepStrictEqual(patch, present ?? null) ? [] : [path.join('.')]
  }
  return Object.entries(patch).flatMap(([name, value]) => {
    const now = readRecord(present)
    const inner = Object.hasOwn(now, name) ? now[name] : undefined
    return listChanged(value, inner, owned[`f:${name}`], [...path, name])
  })
}

function describe(fields: readonly string[], manager: string): string {
  const named = fields.slice(0, fieldsMax).map(line).join(', ')
  const more = fields.length > fieldsMax ? ' and more' : ''
  return `${line(manager)} declares ${named}${more} and may set it back: change it there as well.`
}
