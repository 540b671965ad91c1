import { findIndex, type FleetEntry } from '#fleet'
import type { Order } from './deployment-order.ts'

/** An entry, and the JSON that closes it for who asks. */
export type Found = { entry: FleetEntry; tail: string }

/** The JSON that closes an entry; null where it is not in the list. */
export type Choose = (entry: FleetEntry) => string | null

/** The first `size` in order of what is offered. */
export function createTop(order: Order, size: number) {
  const items: Found[] = []
  return {
    items,
    offer: (entry: FleetEntry, tail: string) => {
      if (!order.isAfterCursor(entry)) return
      const last = items.at(-1)
      if (items.length === size && last && order.compare(entry, last.entry) >= 0) return
      const place = findIndex(items.length, (at) => order.compare(items[at]!.entry, entry) < 0)
      items.splice(place, 0, { entry, tail })
      if (items.length > size) items.pop()
    },
  }
}

type Place = { entries: readonly FleetEntry[]; at: number; entry: FleetEntry; tail: string }

/**
 * The same from lists that are in order already, one of each instance: no more of them is read than it takes. `begin` is
 * where each is entered, in its own direction.
 */
export function mergeFirst(
  lists: readonly (readonly FleetEntry[])[],
  begin: (entries: readonly FleetEntry[], list: number) => number,
  { choose, order, size }: { choose: Choose; order: Order; size: number },
): Found[] {
  const step = order.isDescending ? -1 : 1
  const next = (entries: readonly FleetEntry[], from: number): Place | null => {
    for (let at = from; at >= 0 && at < entries.length; at += step) {
      const entry = entries[at]!
      const tail = choose(entry)
      if (tail !== null) return { entries, at, entry, tail }
    }
    return null
  }
  const isBefore = (a: Place, b: Place) => order.compare(a.entry, b.entry) < 0
  const heap = createHeap(isBefore)
  for (const [list, entries] of lists.entries()) {
    const first = next(entries, begin(entries, list))
    if (first) heap.push(first)
  }
  const found: Found[] = []
  while (found.length < size) {
    const first = heap.first()
    if (!first) break
    found.push({ entry: first.entry, tail: first.tail })
    heap.replaceFirst(next(first.entries, first.at + step))
  }
  return found
}

/** Where a list is entered that begins after the cursor. */
export function afterCursor(order: Order) {
  return (entries: readonly FleetEntry[]): number => {
    const { length } = entries
    if (!order.hasCursor) return order.isDescending ? length - 1 : 0
    return order.isDescending
      ? findIndex(length, (at) => order.isAfterCursor(entries[at]!)) - 1
      : findIndex(length, (at) => !order.isAfterCursor(entries[at]!))
  }
}

/** A binary heap. */
function createHeap<T>(isBefore: (a: T, b: T) => boolean) {
  const items: T[] = []
  const swap = (a: number, b: number) => ([items[a], items[b]] = [items[b]!, items[a]!])
  const sink = () => {
    for (let at = 0; ;) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < items.length && isBefore(items[child]!, items[least]!)) least = child
      }
      if (least === at) return
      swap(at, least)
      at = least
    }
  }
  return {
    first: () => items[0],
    push: (item: T) => {
      let at = items.push(item) - 1
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (!isBefore(items[at]!, items[parent]!)) return
        swap(at, parent)
        at = parent
      }
    },
    /** Takes the first one away where there is none in its place. */
    replaceFirst: (item: T | null) => {
      const last = item ?? items.pop()!
      if (items.length > 0) items[0] = last
      sink()
    },
  }
}
