import type { Database, Transaction } from '#db'
import { findGrantedAdministrators, hasOtherAdministrator, type UserDeps } from '#people'

/** Whether anybody administers this hub: a person whom the configuration names, or one with a grant. */
export async function hasAdministrator(
  source: Database | Transaction,
  deps: UserDeps,
  now: Date,
): Promise<boolean> {
  return hasOtherAdministrator(source, deps, { userId: null, isLasting: false }, now)
}

/** Whether the owner of an identity that counts administers this hub. */
export async function isAdministrator(
  source: Database | Transaction,
  deps: UserDeps,
  person: { principal: string; userId: string },
  now: Date,
): Promise<boolean> {
  const isNamed = deps.grants.some(
    ({ grant, principal }) => grant.role === 'admin' && principal === person.principal,
  )
  if (isNamed) return true
  const granted = await findGrantedAdministrators(source, deps, now, { isLasting: false })
  return granted.includes(person.userId)
}
