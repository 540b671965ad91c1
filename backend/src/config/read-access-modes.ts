import { AccessMode, InstanceId } from '@hub/shared'
import { readList } from './read-list.ts'
import type { Reading } from './variable.ts'

/** How the hub acts on each instance; `fallback` for those without an entry. */
export type AccessModes = { instances: ReadonlyMap<string, AccessMode>; fallback: AccessMode }

export function parseAccessModes(text: string, { mistakes, name: variable }: Reading): AccessModes {
  const instances = new Map<string, AccessMode>()
  let fallback: AccessMode = 'service'
  for (const entry of readList(text)) {
    const [name = '', mode, ...rest] = entry.split('=').map((part) => part.trim())
    const parsed = AccessMode.safeParse(mode)
    if (
      mode === undefined ||
      rest.length > 0 ||
      (name !== '*' && !InstanceId.safeParse(name).success)
    ) {
      mistakes.push(
        `${variable} has the entry "${entry}"; write <instance>=<mode>, such as prod-east=impersonate or *=service.`,
      )
    } else if (!parsed.success) {
      mistakes.push(
        `${variable} gives ${name} the mode "${mode}", which is unknown; use service or impersonate.`,
      )
    } else if (parsed.data === 'passthrough') {
      mistakes.push(
        `${variable} gives ${name} the mode passthrough, which this version does not support; use service or impersonate.`,
      )
    } else if (name === '*') fallback = parsed.data
    else instances.set(name, parsed.data)
  }
  return { instances, fallback }
}
