import { findIndex, type FleetEntry } from '#fleet'

type Entries = readonly FleetEntry[]
type Compare = (a: FleetEntry, b: FleetEntry) => number

/**
 * Where lists that are sorted alike, and in which no two are equal, have to be cut so that `rank` entries stand before all
 * others: what a merge would come to after as many steps, found in about log(entries) of them (quickselect).
 */
export function findCuts(lists: readonly Entries[], compare: Compare, rank: number): number[] {
  let low = lists.map(() => 0)
  let high = lists.map(({ length }) => length)
  for (;;) {
    const pivot = chooseOne(low, high)
    if (pivot === null) return low
    const entry = lists[pivot.list]![pivot.at]!
    const cuts = lists.map((entries, list) => {
      const from = low[list]!
      const isBefore = (at: number) => compare(entries[from + at]!, entry) < 0
      return from + findIndex(high[list]! - from, isBefore)
    })
    const before = cuts.reduce((sum, cut) => sum + cut, 0)
    if (before === rank) return cuts
    if (before > rank) high = cuts
    else {
      low = cuts
      low[pivot.list] = pivot.at + 1
    }
  }
}

/**
 * Any one of what is between, by chance: no order of the entries, such as one instance after the other, makes for bad
 * choices. Null where nothing is.
 */
function chooseOne(
  low: readonly number[],
  high: readonly number[],
): { list: number; at: number } | null {
  const between = low.map((from, list) => high[list]! - from)
  const all = between.reduce((sum, each) => sum + each, 0)
  let left = Math.floor(Math.random() * all)
  for (const [list, count] of between.entries()) {
    if (left < count) return { list, at: low[list]! + left }
    left -= count
  }
  return null
}
