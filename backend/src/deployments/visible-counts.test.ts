import { describe, expect, it } from 'vitest'
import type { Fleet } from '#fleet'
import { contextOf, grant } from '../../test/contexts.ts'
import { createVisibilities } from '../fleet/visibility.ts'
import { createVisibleCounts, type Counts } from './visible-counts.ts'

const none: Counts = { running: 0, starting: 0, attention: 0, deleting: 0 }

/** Two instances with two namespaces each; what is read of them is written down. */
function fill() {
  const versions = new Map([
    ['east', 1],
    ['west', 1],
  ])
  const held: Record<string, Record<string, Counts>> = {
    east: {
      'team-a': { running: 1, starting: 2, attention: 3, deleting: 4 },
      'team-b': { running: 10, starting: 20, attention: 30, deleting: 40 },
    },
    west: { 'team-a': { ...none, running: 5 }, 'team-c': { ...none, starting: 7 } },
  }
  const read: string[] = []
  const countVisible = createVisibleCounts({
    placesVersionOf: (ids) => Math.max(0, ...ids.map((id) => versions.get(id)!)),
    namespaces: (id) => {
      read.push(id)
      return Object.entries(held[id]!).map(([namespace, counts]) => ({
        namespace,
        counts,
        entries: [],
      }))
    },
  } satisfies Pick<Fleet, 'namespaces' | 'placesVersionOf'>)
  const change = (id: string, namespace: string, counts: Counts) => {
    held[id]![namespace] = counts
    versions.set(id, versions.get(id)! + 1)
  }
  return { change, countVisible, read }
}

const visibilityOf = createVisibilities()
const everywhere = visibilityOf(contextOf([grant('viewer')]))
const teamA = visibilityOf(contextOf([grant('viewer', { namespaces: ['team-a'] })]))

describe('what somebody may see of an instance is counted', () => {
  it('by status, over the namespaces that they may see', () => {
    const { countVisible } = fill()
    expect(countVisible(everywhere, 'east', undefined)).toEqual({
      running: 11,
      starting: 22,
      attention: 33,
      deleting: 44,
    })
    expect(countVisible(teamA, 'east', undefined)).toEqual({
      running: 1,
      starting: 2,
      attention: 3,
      deleting: 4,
    })
    expect(countVisible(visibilityOf(contextOf([])), 'east', undefined)).toEqual(none)
  })

  it('of one namespace where one is asked for', () => {
    const { countVisible } = fill()
    expect(countVisible(everywhere, 'east', 'team-b').running).toBe(10)
    expect(countVisible(everywhere, 'east', 'team-c')).toEqual(none)
    expect(countVisible(teamA, 'east', 'team-b')).toEqual(none)
  })

  it('once for everybody with the same rights, until something changes there', () => {
    const { change, countVisible, read } = fill()
    for (let asked = 0; asked < 3; asked += 1) {
      expect(countVisible(everywhere, 'east', undefined).running).toBe(11)
      expect(countVisible(everywhere, 'west', undefined).running).toBe(5)
      expect(countVisible(teamA, 'east', undefined).running).toBe(1)
    }
    expect(read).toEqual(['east', 'west', 'east'])
    change('west', 'team-a', { ...none, running: 6 })
    expect(countVisible(everywhere, 'west', undefined).running).toBe(6)
    expect(countVisible(everywhere, 'east', undefined).running).toBe(11)
    expect(read).toEqual(['east', 'west', 'east', 'west'])
  })
})
