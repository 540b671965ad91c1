import type { OidcChecks } from '@hub/shared'

export type Check = OidcChecks['items'][number]

export function pass(name: string, detail: string): Check {
  return { name, outcome: 'pass', detail }
}

export function warn(name: string, detail: string): Check {
  return { name, outcome: 'warn', detail }
}

export function fail(name: string, detail: string): Check {
  return { name, outcome: 'fail', detail }
}
