import { immutableFields, type DeploymentPatch } from '@hub/shared'
import type { Draft } from '../editor/draft.ts'

type Fields = Readonly<Record<string, unknown>>

/** What makes `after` of `before` (JSON merge patch, RFC 7386); empty where nothing is otherwise. */
export function buildMergePatch(before: Fields, after: Fields): Record<string, unknown> {
  const patch: Record<string, unknown> = {}
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = before[name]
    const is = after[name]
    if (isEqual(was, is)) continue
    if (is === undefined) patch[name] = null
    else patch[name] = isFields(was) && isFields(is) ? buildMergePatch(was, is) : is
  }
  return patch
}

/** What a merge patch makes of an object. */
export function applyMergePatch(to: Fields, patch: Fields): Record<string, unknown> {
  const made: Record<string, unknown> = { ...to }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete made[name]
    else if (isFields(value))
      made[name] = applyMergePatch(isFields(made[name]) ? made[name] : {}, value)
    else made[name] = value
  }
  return made
}

/** The change of a deployment from one manifest to another; null where there is none. */
export function patchManifest(before: Draft, after: Draft): DeploymentPatch | null {
  const labels = buildMergePatch(before.metadata.labels ?? {}, after.metadata.labels ?? {})
  const annotations = buildMergePatch(
    before.metadata.annotations ?? {},
    after.metadata.annotations ?? {},
  )
  const spec = buildMergePatch(before.spec, after.spec)
  const metadata = {
    ...(!isEmpty(labels) && { labels }),
    ...(!isEmpty(annotations) && { annotations }),
  }
  if (isEmpty(metadata) && isEmpty(spec)) return null
  // The hub checks each field, and says at which one something is wrong.
  return {
    ...(!isEmpty(metadata) && { metadata }),
    ...(!isEmpty(spec) && { spec }),
  } as DeploymentPatch
}

/** A change made again on top of what somebody else made meanwhile. */
export function rebaseManifest(base: Draft, mine: Draft, theirs: Draft): Draft {
  const onto = (before?: Fields, after?: Fields, other?: Fields) =>
    applyMergePatch(other ?? {}, buildMergePatch(before ?? {}, after ?? {}))
  const labels = onto(base.metadata.labels, mine.metadata.labels, theirs.metadata.labels)
  const annotations = onto(
    base.metadata.annotations,
    mine.metadata.annotations,
    theirs.metadata.annotations,
  )
  const { annotations: _a, labels: _l, ...metadata } = theirs.metadata
  return {
    ...theirs,
    metadata: {
      ...metadata,
      ...(!isEmpty(labels) && { labels: labels as Record<string, string> }),
      ...(!isEmpty(annotations) && { annotations: annotations as Record<string, string> }),
    },
    spec: onto(base.spec, mine.spec, theirs.spec),
  }
}

/** Those fields of a change that only a new object can have, as pointers into the spec. */
export function listImmutable(before: Draft, after: Draft): string[] {
  return immutableFields.filter((pointer) => {
    const was = fieldAt(before.spec, pointer)
    // What nobody chose is chosen once.
    return was !== undefined && !isEqual(was, fieldAt(after.spec, pointer))
  })
}

function fieldAt(spec: Fields, pointer: string): unknown {
  return pointer
    .slice(1)
    .split('/')
    .reduce<unknown>((at, name) => (isFields(at) ? at[name] : undefined), spec)
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmpty(fields: Fields): boolean {
  return Object.keys(fields).length === 0
}

/** Whether two JSON values are the same, whatever the order of their fields. */
export function isEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isEqual(item, other[index]))
  }
  if (!isFields(one) || !isFields(other)) return false
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => name in other && isEqual(one[name], other[name]))
  )
}
