import { expect, test } from 'vitest'
import type { SyncState } from '#fleet'
import { createSyncStates } from './sync-states.ts'

const well: SyncState = { synced: true, reason: null }
const late: SyncState = { synced: false, reason: 'It is late.' }

/** Instances in these states; which of them are asked about is written down. */
function fill(states: Record<string, SyncState>) {
  const asked: string[] = []
  const versions = new Map(Object.keys(states).map((id, at) => [id, at + 1]))
  const syncOf = createSyncStates({
    instanceIds: () => Object.keys(states),
    placesVersionOf: ([id]) => versions.get(id!) ?? 0,
    instanceState: (id, namespace) => {
      asked.push(namespace === undefined ? id : `${id}/${namespace}`)
      return states[id]!
    },
  })
  return { asked, states, syncOf, versions }
}

test('an instance that is up to date is asked about once, until something there is elsewhere', () => {
  const { asked, states, syncOf, versions } = fill({ east: well, west: well })
  for (let times = 0; times < 3; times += 1) {
    expect([syncOf('east', undefined), syncOf('west', undefined)]).toEqual([well, well])
  }
  expect(asked).toEqual(['east', 'west'])
  states['west'] = late
  versions.set('west', 9)
  expect([syncOf('east', undefined), syncOf('west', undefined)]).toEqual([well, late])
  expect(asked).toEqual(['east', 'west', 'west'])
  states['west'] = well
  versions.set('west', 10)
  expect([syncOf('west', undefined), syncOf('east', undefined)]).toEqual([well, well])
  expect(asked).toEqual(['east', 'west', 'west', 'west'])
})

test('what is not up to date, and one namespace, are asked about each time', () => {
  const { asked, syncOf } = fill({ east: late, west: well })
  for (let times = 0; times < 2; times += 1) {
    expect(syncOf('east', undefined)).toEqual(late)
    expect(syncOf('west', 'team-a')).toEqual(well)
  }
  expect(asked).toEqual(['east', 'west/team-a', 'east', 'west/team-a'])
  syncOf('west', undefined)
  expect(asked.slice(4)).toEqual(['west'])
})

test('nothing is kept of more instances than there are', () => {
  const { asked, states, syncOf } = fill({ east: well, north: well, west: well })
  for (const id of ['east', 'north', 'west']) syncOf(id, undefined)
  delete states['north']
  delete states['west']
  states['south'] = well
  // Three are known and there are two: all of them are forgotten.
  syncOf('south', undefined)
  asked.length = 0
  syncOf('south', undefined)
  syncOf('east', undefined)
  syncOf('east', undefined)
  expect(asked).toEqual(['east'])
})
