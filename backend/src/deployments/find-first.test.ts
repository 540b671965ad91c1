import { describe, expect, it } from 'vitest'
import type { FleetEntry } from '#fleet'
import { createOrder } from './deployment-order.ts'
import { afterCursor, createTop, mergeFirst, type Found } from './find-first.ts'

const entry = (name: string) =>
  ({ deployment: { instance: 'east', namespace: 'team', name } }) as FleetEntry
const entries = (names: string) => names.split('').map(entry)
const namesOf = (found: readonly Found[]) =>
  found.map(({ entry: of }) => of.deployment.name).join('')
const after = (name: string, sort: 'name' | '-name') =>
  createOrder(sort, createOrder(sort, undefined).cursorAt(entry(name)))

const ascending = createOrder('name', undefined)
const descending = createOrder('-name', undefined)

describe('the first of what is offered', () => {
  const topOf = (order: typeof ascending, size: number, names: string) => {
    const top = createTop(order, size)
    for (const each of entries(names)) top.offer(each, '')
    return namesOf(top.items)
  }

  it.each(['abcdef', 'fedcba', 'cafebd', 'dbfeac', 'fabcde'])('are found in %s', (names) => {
    for (const size of [1, 2, 3, 4]) {
      expect(topOf(ascending, size, names)).toBe('abcdef'.slice(0, size))
      expect(topOf(descending, size, names)).toBe('fedcba'.slice(0, size))
    }
    expect(topOf(ascending, 7, names)).toBe('abcdef')
  })

  it('are those after the cursor', () => {
    expect(topOf(after('b', 'name'), 2, 'dabfec')).toBe('cd')
    expect(topOf(after('e', '-name'), 2, 'dabfec')).toBe('dc')
    expect(topOf(after('f', 'name'), 2, 'dabfec')).toBe('')
  })

  it('keep what closes the JSON of each', () => {
    const top = createTop(ascending, 2)
    for (const each of entries('cab')) top.offer(each, `tail of ${each.deployment.name}`)
    expect(top.items.map(({ tail }) => tail)).toEqual(['tail of a', 'tail of b'])
  })

  it('are compared once with what comes after all of them', () => {
    let compared = 0
    const counted = {
      ...ascending,
      compare: (a: FleetEntry, b: FleetEntry) => {
        compared += 1
        return ascending.compare(a, b)
      },
    }
    const top = createTop(counted, 8)
    for (const each of entries('abcdefgh')) top.offer(each, '')
    compared = 0
    for (const each of entries('ijklmnop')) top.offer(each, '')
    expect(compared).toBe(8)
  })
})

describe('the first of lists that are in order', () => {
  const all = (each: FleetEntry) => each.deployment.name
  const merge = (order: typeof ascending, size: number, ...lists: string[]) =>
    mergeFirst(lists.map(entries), afterCursor(order), { choose: all, order, size })

  it('are taken from whichever list is next', () => {
    const lists = ['adgj', 'be', '', 'cfhik']
    for (let size = 0; size <= 12; size += 1) {
      expect(namesOf(merge(ascending, size, ...lists))).toBe('abcdefghijk'.slice(0, size))
      expect(namesOf(merge(descending, size, ...lists))).toBe('kjihgfedcba'.slice(0, size))
    }
    const many = ['g', 'c', 'f', 'a', 'e', 'b', 'd']
    expect(namesOf(merge(ascending, 7, ...many))).toBe('abcdefg')
    expect(namesOf(merge(descending, 7, ...many))).toBe('gfedcba')
  })

  it('begin after the cursor, whether it is in a list, between two or beyond all', () => {
    const lists = ['adg', 'be', 'cf']
    expect(namesOf(merge(after('c', 'name'), 9, ...lists))).toBe('defg')
    expect(namesOf(merge(after('c', '-name'), 9, ...lists))).toBe('ba')
    expect(namesOf(merge(after('bb', 'name'), 9, ...lists))).toBe('cdefg')
    expect(namesOf(merge(after('bb', '-name'), 9, ...lists))).toBe('ba')
    expect(merge(after('g', 'name'), 9, ...lists)).toEqual([])
    expect(merge(after('a', '-name'), 9, ...lists)).toEqual([])
  })

  it('leave out what is not chosen, and read no more than it takes', () => {
    const read: string[] = []
    const choose = ({ deployment: { name } }: FleetEntry) => {
      read.push(name)
      return 'bdfhj'.includes(name) ? `tail of ${name}` : null
    }
    const lists = [entries('abcdefghij'), entries('klm')]
    const found = mergeFirst(lists, () => 0, { choose, order: ascending, size: 2 })
    expect(found.map(({ tail }) => tail)).toEqual(['tail of b', 'tail of d'])
    expect(read.toSorted().join('')).toBe('abcdefklm')
  })

  it('begin where each list is entered', () => {
    const found = mergeFirst([entries('abcd'), entries('efgh')], (_, list) => 2 - list, {
      choose: all,
      order: ascending,
      size: 3,
    })
    expect(namesOf(found)).toBe('cdf')
  })
})
