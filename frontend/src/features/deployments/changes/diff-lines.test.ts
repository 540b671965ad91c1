import { expect, test } from 'vitest'
import { compareLines } from './diff-lines.ts'

const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}\n`)

test('what is the same has no lines', () => {
  expect(compareLines('a: 1\n', 'a: 1\n')).toEqual([])
})

test('a changed line is shown as it was and as it is', () => {
  expect(compareLines('a: 1\nb: 2\n', 'a: 1\nb: 3\n')).toEqual([
    { kind: 'same', text: 'a: 1' },
    { kind: 'removed', text: 'b: 2' },
    { kind: 'added', text: 'b: 3' },
  ])
})

test('of what stays, three lines on each side are shown, and how many are not', () => {
  const before = [...lines(10), 'old\n', ...lines(10)].join('')
  const shown = compareLines(before, before.replace('old', 'new'))
  expect(shown.map((line) => (line.kind === 'gap' ? line.count : line.text))).toEqual([
    7,
    'line 7',
    'line 8',
    'line 9',
    'old',
    'new',
    'line 0',
    'line 1',
    'line 2',
    7,
  ])
})
