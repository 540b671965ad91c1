import { expect, it } from 'vitest'
import { createVersions } from './instance-versions.ts'
import type { FleetDeployment } from './read-deployment.ts'

it('grows where one of the instances changed or there is one less, and stays where another did', () => {
  const versions = createVersions()
  const { of } = versions.contents
  versions.touch('a')
  versions.touch('b')
  const before = { a: of(['a']), both: of(['a', 'b']) }
  versions.follow({ type: 'reset', instance: 'b' })
  expect(of(['a'])).toBe(before.a)
  expect(of(['a', 'b'])).toBeGreaterThan(before.both)
  const all = of(['a', 'b'])
  versions.follow({ type: 'instance-removed', id: 'b' })
  expect(of(['a'])).toBeGreaterThan(all)
  const left = of(['a'])
  versions.follow({ type: 'instance', id: 'b' })
  expect(of(['a', 'b'])).toBeGreaterThan(left)
})

it('what changes within a deployment that stays where it is moves no place', () => {
  const { contents, follow, places } = createVersions()
  const deployment = { instance: 'a' } as FleetDeployment
  const upsert = (isInPlace: boolean) =>
    follow({ type: 'upsert', deployment, openJson: '{', isInPlace })
  upsert(false)
  const before = { contents: contents.of(['a']), places: places.of(['a']) }
  upsert(true)
  expect(contents.of(['a'])).toBeGreaterThan(before.contents)
  expect(contents.latest()).toBe(contents.of(['a']))
  expect([places.of(['a']), places.latest()]).toEqual([before.places, before.places])
  upsert(false)
  expect(places.of(['a'])).toBeGreaterThan(before.places)
  const moved = places.of(['b'])
  follow({ type: 'instance-removed', id: 'a' })
  expect(places.of(['b'])).toBeGreaterThan(moved)
})
