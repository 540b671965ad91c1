import { expect, test } from 'vitest'
import { escapeUnseen, showLine, showText } from './show-text.ts'

test.each([
  ['Pulling image "vllm:0.9"\n\tdone', 'Pulling image "vllm:0.9"\n\tdone'],
  ['\u001b[31mfailed\u001b[0m to pull', 'failed to pull'],
  ['\u001b]8;;https://evil.example\u0007here\u001b]8;;\u0007', 'here'],
  ['node \u202Eydaer si\u202C', 'node ydaer si'],
  ['a\u2066b\u2069\u0000\u0007\u009bc', 'abc'],
  ['שלום \u200F(a)\u200E', 'שלום \u200F(a)\u200E'],
  ['می‌خواهم 👩‍🔬', 'می‌خواهم 👩‍🔬'],
])('%j is shown as %j', (text, shown) => {
  expect(showText(text)).toBe(shown)
})

test('within a sentence it is one line of a length', () => {
  expect(showLine(' \u202Ekubectl\n\tedit\u0007 ')).toBe('kubectl edit')
  expect(showLine('kubectl-edit', 7)).toBe('kubectl')
})

test('what is escaped is the same text to whoever reads JSON', () => {
  const text = 'a\u001b[2J\u202Eb\u007f'
  expect(escapeUnseen(text)).toBe(String.raw`a\u001b[2J\u202eb\u007f`)
  expect(JSON.parse(escapeUnseen(JSON.stringify(text)))).toBe(text)
})
