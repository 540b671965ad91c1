import type { Context } from 'hono'
import { isCaller, type RequestContext } from '#context'
import type { HubEnv } from './hub-env.ts'

/**
 * Says in the answer as whom clusters were asked: those that were asked for it, and the one of its path where what was
 * read from memory is what that cluster lets this person see.
 */
export function tellClusterUsers(c: Context<HubEnv>, instance: string | undefined): void {
  const users = describeClusterUsers(c.get('ctx'), c.res.ok ? instance : undefined)
  if (users.size === 0) return
  // RFC 8941 §3.2: a dictionary, whose strings are ASCII.
  const entries = [...users].map(([id, name]) => `${id}="${encodeURI(name.toWellFormed())}"`)
  c.res.headers.set('x-cluster-user', entries.join(', '))
}

function describeClusterUsers(
  { actor, clusterUsers }: RequestContext,
  instance: string | undefined,
): ReadonlyMap<string, string> {
  const users = new Map(clusterUsers)
  const known =
    instance !== undefined && isCaller(actor) ? actor.clusterRights?.known.get(instance) : null
  if (instance !== undefined && known) users.set(instance, known.username)
  return users
}
