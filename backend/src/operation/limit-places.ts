import { isCaller, type RequestContext } from '#context'
import { AppError } from '#errors'

/**
 * Gives everybody so many places at once, for what goes on as long as somebody reads. Returns the way to give one back;
 * throws `too-many-streams`, and `detail` says what to close.
 */
export function limitPlaces({
  most,
  detail,
}: {
  most: number
  detail: string
}): (ctx: Pick<RequestContext, 'actor'>) => () => void {
  const taken = new Map<string, number>()
  return ({ actor }) => {
    if (!isCaller(actor)) return () => {}
    const person = actor.principal
    const count = taken.get(person) ?? 0
    if (count >= most) throw new AppError('too-many-streams', { detail, retryAfterSeconds: 30 })
    taken.set(person, count + 1)
    return () => {
      const left = (taken.get(person) ?? 1) - 1
      if (left > 0) taken.set(person, left)
      else taken.delete(person)
    }
  }
}
