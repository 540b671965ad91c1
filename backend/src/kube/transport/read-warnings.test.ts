import { expect, test } from 'vitest'
import { readWarnings } from './read-warnings.ts'

const read = (warning?: string | string[]) =>
  readWarnings({ headers: warning === undefined ? {} : { warning } })

test('each header, and each value of one, is a warning', () => {
  expect(read()).toEqual([])
  expect(read('299 - "it is deprecated"')).toEqual(['it is deprecated'])
  expect(read(['299 - "one"', '299 - "two"'])).toEqual(['one', 'two'])
  expect(read('299 - "one, and more", 299 kube "two"')).toEqual(['one, and more', 'two'])
  expect(read(['299 - "the same"', '299 - "the same"'])).toEqual(['the same'])
})

test('what is quoted is unquoted', () => {
  expect(read(String.raw`299 - "unknown field \"spec.foo\" in C:\\x"`)).toEqual([
    String.raw`unknown field "spec.foo" in C:\x`,
  ])
})

test('words of other languages are read as they were sent', () => {
  const sent = Buffer.from('299 - "größer als 4 – nicht gut"', 'utf8').toString('latin1')
  expect(read(sent)).toEqual(['größer als 4 – nicht gut'])
  expect(read('299 - "a lone \xe9"')).toEqual(['a lone é'])
})

test.each([
  ['other codes of caches', '110 - "response is stale"'],
  ['no text', '299 - ""'],
  ['nothing but control characters', '299 - "\x1b\x07"'],
  ['an end that is missing', '299 - "never ended'],
  ['no warning at all', 'nonsense'],
])('%s are no warning', (_, sent) => {
  expect(read(sent)).toEqual([])
})

test('nothing that draws on a terminal or turns text around passes', () => {
  expect(read('299 - "a\x1b[31mred\u202egnol\tb"')).toEqual(['aredgnol b'])
})

test('they are bounded in number and length', () => {
  const many = read(Array.from({ length: 500 }, (_, i) => `299 - "warning ${i}"`))
  expect(many).toHaveLength(20)
  const [long] = read(`299 - "${'a'.repeat(50_000)}"`)
  expect(long).toBe(`${'a'.repeat(1_000)}…`)
})
