import { expect, it } from 'vitest'
import { createVersions } from './instance-versions.ts'
import type { FleetDeployment } from './read-deployment.ts'
import { createVisibleInstances } from './visible-instances.ts'
import type { Visibility } from './visibility.ts'

it('says what somebody sees, and that it changed where one of theirs did', () => {
  const { visibleTo, versions, setIds } = createWorld(['a', 'b', 'c'])
  const mine = only('a', 'b')
  const yours = only('c')
  const before = visibleTo(mine)
  expect(before.ids).toEqual(['a', 'b'])
  expect(visibleTo(mine)).toBe(before)
  expect(visibleTo(yours).ids).toEqual(['c'])

  versions.touch('c')
  expect(visibleTo(mine).version).toBe(before.version)
  versions.touch('b')
  const changed = visibleTo(mine)
  expect(changed.version).toBeGreaterThan(before.version)
  expect(changed.ids).toEqual(['a', 'b'])

  setIds(['a', 'c'])
  versions.follow({ type: 'instance-removed', id: 'b' })
  expect(visibleTo(mine).ids).toEqual(['a'])
  expect(visibleTo(mine).version).toBeGreaterThan(changed.version)
})

it('says whether others are in a list, or in another order', () => {
  const { visibleTo, versions } = createWorld(['a', 'b'])
  const mine = only('a')
  const before = visibleTo(mine)
  const deployment = { instance: 'a' } as FleetDeployment
  versions.follow({ type: 'upsert', deployment, openJson: '{', isInPlace: true })
  const within = visibleTo(mine)
  expect(within.version).toBeGreaterThan(before.version)
  expect(within.places).toBe(before.places)
  versions.touch('b')
  expect(visibleTo(mine).places).toBe(before.places)
  versions.touch('a')
  expect(visibleTo(mine).places).toBeGreaterThan(before.places)
})

it('sees a new instance before anything is told of it', () => {
  const { visibleTo, setIds } = createWorld(['a'])
  const mine = only('a', 'b')
  expect(visibleTo(mine).ids).toEqual(['a'])
  setIds(['a', 'b'])
  expect(visibleTo(mine).ids).toEqual(['a', 'b'])
})

it('says of one instance whether it is seen, and its own version', () => {
  const { visibleTo, versions } = createWorld(['a', 'b', 'c'])
  const mine = only('a', 'b')
  const { places, version } = visibleTo(mine, 'a')
  versions.touch('b')
  expect(visibleTo(mine, 'a')).toEqual({ ids: ['a'], version, places })
  expect(visibleTo(mine, 'c').ids).toEqual([])
})

it('asks about each instance once while there are no others', () => {
  const { visibleTo, versions } = createWorld(['a', 'b'])
  const asked: string[] = []
  const mine = { seesInstance: (id: string) => asked.push(id) > 0 } as unknown as Visibility
  visibleTo(mine)
  versions.touch('a')
  visibleTo(mine)
  expect(asked).toEqual(['a', 'b'])
})

function createWorld(initial: readonly string[]) {
  let ids = initial
  const versions = createVersions()
  for (const id of initial) versions.touch(id)
  return {
    versions,
    setIds: (next: readonly string[]) => void (ids = next),
    visibleTo: createVisibleInstances({ instanceIds: () => ids, versions }),
  }
}

function only(...visible: string[]): Visibility {
  return { seesInstance: (id: string) => visible.includes(id) } as unknown as Visibility
}
