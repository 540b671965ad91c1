import type { Lifetime } from '#kube'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const warnDays = 14

/** When a token or client certificate ends, whichever is first; null where none says so. */
export function firstEnd(lifetimes: readonly Lifetime[]): Date | null {
  const ends = lifetimes.flatMap(({ of, to }) =>
    to === null || of === 'certificate authority' ? [] : [to.getTime()],
  )
  return ends.length === 0 ? null : new Date(Math.min(...ends))
}

/**
 * Sentences for administrators about what of a credential ends soon, has ended or is not good yet. Of a token that something
 * keeps fresh (`isRenewed`), only its end is worth one.
 */
export function describeExpiry(
  lifetimes: readonly Lifetime[],
  { isRenewed, now }: { isRenewed: boolean; now: Date },
): string[] {
  return lifetimes.flatMap(({ from, of, to }) => {
    if (from !== null && from > now) {
      return [
        `Its ${of} is only valid from ${from.toISOString()}. Check the clocks, or replace it.`,
      ]
    }
    if (to === null) return []
    const on = to.toISOString().slice(0, 10)
    const leftMs = to.getTime() - now.getTime()
    if (leftMs <= 0) return [`Its ${of} expired on ${on}. Replace the credential.`]
    if (leftMs >= warnDays * dayMs || (of === 'token' && isRenewed)) return []
    return [
      `Its ${of} expires in ${describeLeft(leftMs)}, on ${on}. Replace the credential before then.`,
    ]
  })
}

function describeLeft(leftMs: number): string {
  if (leftMs < hourMs) return 'less than an hour'
  const [count, unit] =
    leftMs < dayMs ? [Math.floor(leftMs / hourMs), 'hour'] : [Math.floor(leftMs / dayMs), 'day']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
