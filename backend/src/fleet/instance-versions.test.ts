import { expect, it } from 'vitest'
import { createVersions } from './instance-versions.ts'

it('grows where one of the instances changed or there is one less, and stays where another did', () => {
  const versions = createVersions()
  versions.touch('a')
  versions.touch('b')
  const before = { a: versions.of(['a']), both: versions.of(['a', 'b']) }
  versions.follow({ type: 'reset', instance: 'b' })
  expect(versions.of(['a'])).toBe(before.a)
  expect(versions.of(['a', 'b'])).toBeGreaterThan(before.both)
  const all = versions.of(['a', 'b'])
  versions.follow({ type: 'instance-removed', id: 'b' })
  expect(versions.of(['a'])).toBeGreaterThan(all)
  const left = versions.of(['a'])
  versions.follow({ type: 'instance', id: 'b' })
  expect(versions.of(['a', 'b'])).toBeGreaterThan(left)
})
