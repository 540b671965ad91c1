import { AppError } from '#errors'
import { isRecord, type KubeObject } from '#kube'
import { showLine } from '#text'
import type { DeploymentCoordinates } from '../deps.ts'

const fieldsMax = 5

/** Somebody changed what the caller looked at: who and what, as far as the object tells. */
export function deploymentChanged(
  { instance, name, namespace }: DeploymentCoordinates,
  object: KubeObject,
): AppError {
  const latest = findLatestWriter(object)
  const who = latest
    ? ` The latest change is of ${latest.at} by ${latest.manager}${describeFields(latest.fields)}.`
    : ''
  return new AppError('deployment-changed', {
    detail: `Deployment "${name}" in namespace "${namespace}" of instance "${instance}" was changed after you looked at it, so nothing was sent.${who} Read it again, compare, and make your change on what is there now.`,
  })
}

type Writer = { manager: string; at: string; fields: string[] }

/** Whoever wrote last to something besides the status (`metadata.managedFields`). */
function findLatestWriter({ metadata }: KubeObject): Writer | null {
  const entries = metadata?.['managedFields']
  if (!Array.isArray(entries)) return null
  const writers = entries
    .filter(isRecord)
    .filter(({ subresource }) => subresource === undefined || subresource === '')
    .flatMap(({ fieldsV1, manager, time }): Writer[] =>
      typeof manager === 'string' && typeof time === 'string'
        ? [{ manager: line(manager), at: line(time), fields: listFields(fieldsV1) }]
        : [],
    )
    .filter(({ fields }) => fields.length > 0)
  return writers.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0] ?? null
}

/** Fields of the spec, labels and annotations that a writer owns, as FieldsV1 spells them. */
function listFields(fieldsV1: unknown): string[] {
  const walk = (node: unknown, path: readonly string[]): string[] => {
    if (!isRecord(node)) return []
    const inner = Object.entries(node).filter(([key]) => key.startsWith('f:'))
    if (inner.length === 0) return path.length > 0 ? [path.join('.')] : []
    return inner.flatMap(([key, value]) => walk(value, [...path, key.slice(2)]))
  }
  const all = walk(fieldsV1, [])
  return all.filter((field) => /^(spec|metadata\.(labels|annotations))\./.test(field)).map(line)
}

function describeFields(fields: readonly string[]): string {
  const named = fields.slice(0, fieldsMax).join(', ')
  return `, which last set ${named}${fields.length > fieldsMax ? ' and more' : ''}`
}

/** Of an object, as a sentence may hold it. */
export function line(text: string): string {
  return showLine(text, 200)
}
