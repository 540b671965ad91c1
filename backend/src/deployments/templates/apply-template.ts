import { isDeepStrictEqual } from 'node:util'
import { DeploymentSpec, toPointer, type FieldError, type Template } from '@hub/shared'
import { isRecord } from '#kube'

type Spec = Record<string, unknown>

export type Applied =
  /** `own` is what the caller set otherwise than the template. */
  { spec: DeploymentSpec; own: Spec } | { errors: FieldError[] }

/**
 * A template with what a caller gives: only fields that it leaves open, unless they say the same. Lists are taken as a
 * whole. Pointers of what is wrong begin at the spec.
 */
export function applyTemplate(
  template: Pick<Template, 'id' | 'spec' | 'open'>,
  given: Spec,
): Applied {
  const own = leavesOf(given).filter(
    ({ path, value }) => !isDeepStrictEqual(valueAt(template.spec, path), value),
  )
  const errors = own
    .map(({ path }) => toPointer(path))
    .filter((pointer) => !isOpen(pointer, template.open))
    .map((pointer) => ({ pointer, detail: describeClosed(template) }))
  if (errors.length > 0) return { errors }
  const set = {}
  for (const { path, value } of own) setAt(set, path, value)
  const read = DeploymentSpec.safeParse(merge(template.spec, set))
  if (read.success) return { spec: read.data, own: set }
  return {
    errors: read.error.issues.map(({ message, path }) => ({
      pointer: toPointer(path.map(String)),
      detail: message.includes('received undefined') ? 'is required' : message,
    })),
  }
}

function describeClosed({ id, open }: Pick<Template, 'id' | 'open'>): string {
  const left = open.length === 0 ? 'no field' : `only ${open.join(', ')}`
  return `is for template "${id}" to say, which leaves ${left} open. Leave it out, or deploy without the template.`
}

/** Whether a deployer may set what is there: a field that is open, or something below it. */
function isOpen(pointer: string, open: readonly string[]): boolean {
  return open.some((each) => pointer === each || pointer.startsWith(`${each}/`))
}

type Leaf = { path: string[]; value: unknown }

/** Everything but objects that hold something. */
function leavesOf(value: unknown, path: string[] = []): Leaf[] {
  if (!isRecord(value)) return value === undefined ? [] : [{ path, value }]
  const entries = Object.entries(value)
  if (entries.length === 0 && path.length > 0) return [{ path, value }]
  return entries.flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined),
    value,
  )
}

function setAt(target: Spec, path: readonly string[], value: unknown): void {
  const last = path.at(-1)!
  const parent = path.slice(0, -1).reduce<Spec>((at, key) => {
    const next = Object.hasOwn(at, key) ? (at[key] as Spec) : {}
    define(at, key, next)
    return next
  }, target)
  define(parent, last, value)
}

/** Sets a property of whatever name: `__proto__` is one like others. */
function define(target: Spec, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

function merge(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) return over === undefined ? base : over
  const merged: Spec = { ...base }
  for (const [key, value] of Object.entries(over)) {
    define(merged, key, merge(Object.hasOwn(base, key) ? base[key] : undefined, value))
  }
  return merged
}
