import { expect, test } from 'vitest'
import { splitCode } from './split-code.ts'

test.each([
  ['no code', 'One.\nTwo.', ['One.\nTwo.']],
  ['code between text', 'See:\n```ts\nlet a = 1\n```\nDone.', ['See:', ['let a = 1'], 'Done.']],
  ['a fence that is still open', 'See:\n```\na', ['See:', ['a']]],
  ['nothing', '', []],
  ['markup, which stays text', '<b>bold</b> `x`', ['<b>bold</b> `x`']],
])('%s', (_, text, expected) => {
  expect(splitCode(text).map((piece) => (piece.isCode ? [piece.text] : piece.text))).toEqual(
    expected,
  )
})
