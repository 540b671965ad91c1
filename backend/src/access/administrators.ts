import type { ConfigGrant } from '#config'
import type { Database, Transaction } from '#db'
import { findAdminUserIds } from './store.ts'

/** Whether anybody administers this hub: a person whom the configuration names, or one with a grant. */
export async function hasAdministrator(
  source: Database | Transaction,
  configured: readonly ConfigGrant[],
  now: Date,
): Promise<boolean> {
  const isNamed = configured.some(
    ({ grant, principal }) => grant.role === 'admin' && !principal.startsWith('service:'),
  )
  return isNamed || (await findAdminUserIds(source, now)).length > 0
}

export async function isAdministrator(
  source: Database | Transaction,
  configured: readonly ConfigGrant[],
  person: { principal: string; userId: string },
  now: Date,
): Promise<boolean> {
  const isNamed = configured.some(
    ({ grant, principal }) => grant.role === 'admin' && principal === person.principal,
  )
  return isNamed || (await findAdminUserIds(source, now)).includes(person.userId)
}
