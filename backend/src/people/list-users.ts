import type { User, UserList, UsersQuery } from '@hub/shared'
import * as z from 'zod'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { readCursor, writeCursor } from '#operation'
import { authorize, hubWide } from '#rbac'
import type { PeopleDeps } from './deps.ts'
import { presentUser } from './present.ts'
import { findPeople, findPerson } from './store.ts'

/** Name and id. */
const Position = z.tuple([z.string(), z.string()])

/** A page of the people of this hub. Throws what `authorize` throws, and `invalid-request` for a cursor that is none. */
export async function listUsers(
  ctx: RequestContext,
  deps: PeopleDeps,
  query: UsersQuery,
): Promise<UserList> {
  authorize(ctx, 'user.manage', hubWide)
  const { cursor, limit, q, status } = query
  const position = readCursor(cursor, Position)
  const after = position && { name: position[0], id: position[1] }
  const { hasMore, last, people, total } = await findPeople(ctx.db, { q, status, limit, after })
  const isAdministrator = await deps.readAdministrators(ctx.db, ctx.now())
  return {
    items: people.map((person) => presentUser(person, isAdministrator(person), deps.rules)),
    total,
    next: hasMore && last ? writeCursor([last.name, last.id]) : null,
  }
}

/** Throws what `authorize` throws, and `not-found`. */
export async function getUser(ctx: RequestContext, deps: PeopleDeps, id: string): Promise<User> {
  authorize(ctx, 'user.manage', hubWide)
  const person = await findPerson(ctx.db, id)
  if (!person) throw userNotFound()
  const isAdministrator = await deps.readAdministrators(ctx.db, ctx.now())
  return presentUser(person, isAdministrator(person), deps.rules)
}

export function userNotFound(): AppError {
  return new AppError('not-found', {
    detail: 'There is no such person in this hub. They may have been joined with another one.',
  })
}
