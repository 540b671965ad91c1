import { isCaller, type RequestContext } from '#context'
import { AppError } from '#errors'
import { unauthenticated } from '#rbac'

const streamsPerPersonMax = 8

/** Gives everybody so many places. Returns the way to give one back; throws `unauthenticated`, `too-many-streams`. */
export function createPlaces(): (ctx: Pick<RequestContext, 'actor'>) => () => void {
  const openByPerson = new Map<string, number>()
  return ({ actor }) => {
    if (actor.type === 'anonymous') throw unauthenticated(actor)
    if (!isCaller(actor)) return () => {}
    const person = actor.principal
    const open = openByPerson.get(person) ?? 0
    if (open >= streamsPerPersonMax) {
      throw new AppError('too-many-streams', {
        detail: `You have ${streamsPerPersonMax} event streams open already. Close a tab of the portal or another client, then try again.`,
        retryAfterSeconds: 30,
      })
    }
    openByPerson.set(person, open + 1)
    return () => {
      const left = (openByPerson.get(person) ?? 1) - 1
      if (left > 0) openByPerson.set(person, left)
      else openByPerson.delete(person)
    }
  }
}
