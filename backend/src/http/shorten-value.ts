/** More members than any list or object of the contract may have. */
const membersMax = 2_000
/** Members of an object that has more: its known ones, and so many others to be named as unknown. */
const strangersKept = 30

/**
 * The same value, unless a list or an object in it is longer than any that is wanted: then without most of what cannot be
 * wanted, so that looking at it costs no more than looking at a small one.
 */
export function shortenValue(
  value: unknown,
  known: ReadonlySet<string>,
): { value: unknown; isShortened: boolean } {
  let isShortened = false
  let left = membersMax
  const shorten = (inner: unknown): unknown => {
    if (typeof inner !== 'object' || inner === null) return inner
    if (Array.isArray(inner)) {
      const kept = inner.slice(0, Math.max(0, left))
      if (kept.length < inner.length) isShortened = true
      left -= kept.length
      return kept.map(shorten)
    }
    const members = Object.entries(inner)
    let strangers = members.length > left ? strangersKept : members.length
    const kept = members.filter(([name]) => known.has(name) || (strangers -= 1) >= 0)
    if (kept.length < members.length) isShortened = true
    left -= kept.length
    return Object.fromEntries(kept.map(([name, member]) => [name, shorten(member)]))
  }
  return { value: shorten(value), isShortened }
}
