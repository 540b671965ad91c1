import { expect, it } from 'vitest'
import { createJoinTexts } from './join-texts.ts'

it('joins what is the same once, and everything else anew', () => {
  const join = createJoinTexts()
  const first = join(['a', 'é'])
  expect(Buffer.from(first).toString()).toBe('aé')
  expect(join(['a', 'é'])).toBe(first)
  for (const texts of [['a'], ['a', 'b'], ['a', 'é', 'c'], ['b', 'é'], ['a', 'é']]) {
    const bytes = join(texts)
    expect(bytes).not.toBe(first)
    expect(Buffer.from(bytes).toString()).toBe(texts.join(''))
  }
})
