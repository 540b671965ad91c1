import { isDeepStrictEqual } from 'node:util'
import { ApiError } from './status.ts'
import type { Untyped } from '../objects.ts'

type Operation = { op: string; path: string; from?: string; value?: unknown }

/** RFC 6902. A patch that does not fit is refused in Kubernetes' (unhelpful) words. */
export function applyJsonPatch(target: unknown, operations: readonly Operation[]): Untyped {
  const root = { document: structuredClone(target) as Untyped }
  for (const operation of operations) {
    const { op, path, from, value } = operation
    if (op === 'add') insert(root, path, structuredClone(value))
    else if (op === 'remove') remove(root, path)
    else if (op === 'replace') {
      remove(root, path)
      insert(root, path, structuredClone(value))
    } else if (op === 'move') insert(root, path, remove(root, from ?? ''))
    else if (op === 'copy') insert(root, path, structuredClone(read(root, from ?? '')))
    else if (op !== 'test' || !isDeepStrictEqual(read(root, path), value)) throw refuse()
  }
  return root.document
}

function insert(root: object, path: string, value: unknown): void {
  const { parent, key } = locate(root, path)
  if (!Array.isArray(parent)) parent[key] = value
  else {
    const index = key === '-' ? parent.length : Number(key)
    if (!Number.isInteger(index) || index < 0 || index > parent.length) throw refuse()
    parent.splice(index, 0, value)
  }
}

function remove(root: object, path: string): unknown {
  const value = read(root, path)
  const { parent, key } = locate(root, path)
  if (Array.isArray(parent)) parent.splice(Number(key), 1)
  else delete parent[key]
  return value
}

function read(root: object, path: string): unknown {
  const { parent, key } = locate(root, path)
  if (!Object.hasOwn(parent, key)) throw refuse()
  return parent[key]
}

function locate(root: object, path: string): { parent: Untyped; key: string } {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) throw refuse()
  const keys = ['document', ...path.split('/').slice(1)].map((key) =>
    key.replaceAll('~1', '/').replaceAll('~0', '~'),
  )
  let parent: Untyped = root
  for (const key of keys.slice(0, -1)) {
    if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key)) throw refuse()
    parent = parent[key]
  }
  if (typeof parent !== 'object' || parent === null) throw refuse()
  return { parent, key: keys.at(-1)! }
}

function refuse(): ApiError {
  const message = 'the server rejected our request due to an error in our request'
  return new ApiError(422, 'Invalid', message, {})
}
