import type { ConfigGrant } from '#config'
import type { Database, Transaction } from '#db'
import { findGrantedAdministrators } from '#users'

/** Whether anybody administers this hub: a person whom the configuration names, or one with a grant. */
export async function hasAdministrator(
  source: Database | Transaction,
  configured: readonly ConfigGrant[],
  now: Date,
): Promise<boolean> {
  const isNamed = configured.some(
    ({ grant, principal }) => grant.role === 'admin' && !principal.startsWith('service:'),
  )
  return isNamed || (await findGrantedAdministrators(source, now, { isLasting: false })).length > 0
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
  return (
    isNamed ||
    (await findGrantedAdministrators(source, now, { isLasting: false })).includes(person.userId)
  )
}
