import { createBoundedCache } from '#cache'
import { isCaller, type RequestContext } from '#context'
import { findNamesOfPeople } from '#people'
import { findNamesOfPrograms } from './service-principals/store.ts'

/** What the people and programs of some principals are called; those whom nobody knows are left out. */
export type FindNames = (
  ctx: Pick<RequestContext, 'actor' | 'db' | 'now'>,
  principals: readonly string[],
) => Promise<ReadonlyMap<string, string>>

const remembered = { entriesMax: 10_000, bytesMax: 4 * 1024 * 1024 }
/** A name that has changed is shown as it was for so long. */
const keptMs = 60_000
/** How many a statement asks for. */
const askedAtOnce = 200

/** Names are kept for a minute, that nobody has one too: lists ask for the same again and again. */
export function createFindNames(): FindNames {
  const known = createBoundedCache<{ name: string | null; until: number }>(remembered)
  return async (ctx, principals) => {
    const { actor, db } = ctx
    const at = ctx.now().getTime()
    const found = new Map<string, string>()
    const missing: string[] = []
    for (const principal of new Set(principals)) {
      if (isCaller(actor) && actor.principal === principal) {
        found.set(principal, actor.displayName)
        continue
      }
      const kept = known.get(principal)
      if (!kept || kept.until <= at) missing.push(principal)
      else if (kept.name !== null) found.set(principal, kept.name)
    }
    for (let from = 0; from < missing.length; from += askedAtOnce) {
      const asked = missing.slice(from, from + askedAtOnce)
      const [programs, people] = await Promise.all([
        findNamesOfPrograms(db, asked),
        findNamesOfPeople(db, asked),
      ])
      for (const { displayName, principal } of [...programs, ...people]) {
        found.set(principal, displayName)
      }
      for (const principal of asked) {
        const name = found.get(principal) ?? null
        known.set(principal, { name, until: at + keptMs }, (name?.length ?? 0) * 2)
      }
    }
    return found
  }
}
