import { AccessMode, InstanceId, RightsFrom } from '@hub/shared'
import { readList } from './read-list.ts'
import type { Reading } from './variable.ts'

/** How the hub acts on an instance, and who decides there. */
export type Access = { mode: AccessMode; rights: RightsFrom }

/** How the hub acts on each instance; `fallback` for those without an entry. */
export type AccessModes = { instances: ReadonlyMap<string, Access>; fallback: Access }

export const serviceAccess: Access = { mode: 'service', rights: 'both' }

export function parseAccessModes(text: string, { mistakes, name: variable }: Reading): AccessModes {
  const instances = new Map<string, Access>()
  let fallback = serviceAccess
  for (const entry of readList(text)) {
    const [name = '', value, ...rest] = entry.split('=').map((part) => part.trim())
    if (
      value === undefined ||
      rest.length > 0 ||
      (name !== '*' && !InstanceId.safeParse(name).success)
    ) {
      mistakes.push(
        `${variable} has the entry "${entry}"; write <instance>=<mode>, such as prod-east=impersonate or *=service.`,
      )
      continue
    }
    const access = readAccess(value)
    if (typeof access === 'string') mistakes.push(`${variable} gives ${name} ${access}`)
    else if (name === '*') fallback = access
    else instances.set(name, access)
  }
  return { instances, fallback }
}

/** Or what is wrong with it. */
function readAccess(value: string): Access | string {
  const [named, ...options] = value.split(';').map((part) => part.trim())
  const mode = AccessMode.safeParse(named)
  if (!mode.success) {
    return `the mode "${named}", which is unknown; use service, impersonate, passthrough or exchange.`
  }
  let rights: RightsFrom = 'both'
  for (const option of options) {
    const given = /^rights:(?<from>.*)/s.exec(option)?.groups?.['from']?.trim()
    const parsed = RightsFrom.safeParse(given)
    if (!parsed.success) {
      return `the option "${option}", which is unknown; write rights:both or rights:cluster after the mode.`
    }
    rights = parsed.data
  }
  if (rights === 'cluster' && (mode.data === 'service' || mode.data === 'impersonate')) {
    return `rights:cluster with the mode ${mode.data}, where the cluster sees the hub's credential and could decide nothing about people; use passthrough or exchange, or leave rights:cluster out.`
  }
  return { mode: mode.data, rights }
}
