import { expect, test } from 'vitest'
import { readStrict } from './read-strict.ts'

const limits = { depthMax: 8, piecesMax: 100 }
const read = (text: string) => readStrict(text, limits)

test("one document of JSON's values is read", () => {
  expect(read('a: 1\nb: [true, null, "x"]\n---\n'.replace('---\n', ''))).toEqual({
    a: 1,
    b: [true, null, 'x'],
  })
  expect(read('---\non: yes\n')).toEqual({ on: 'yes' })
})

test.each([
  ['several documents', 'a: 1\n---\nb: 2\n', /several documents/, 2],
  ['a key twice', 'a:\n  b: 1\n  b: 2\n', /same key twice/, 3],
  ['an alias', 'a: &x [1]\nb: *x\n', /alias/, 2],
  ['a tag of its own', 'a: !!js/function "f"\n', /tag/, 1],
  ['a key that is none', '__proto__: {}\n', /__proto__/, 1],
  ['no YAML', 'a: [1\nb: 2\n', /is not YAML \([a-z ]+\)/, 2],
  ['a bomb', `a: ${'['.repeat(50)}${']'.repeat(50)}`, /nested deeper/, null],
  ['too much', 'a: 1\n'.repeat(60), /more than 100/, null],
])('%s is refused with its line', (_, text, message, line) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({ message: expect.stringMatching(message) as string, line }),
  )
})
