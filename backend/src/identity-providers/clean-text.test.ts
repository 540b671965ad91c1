import { expect, test } from 'vitest'
import { cleanText } from './clean-text.ts'

test.each([
  ['Ada\u0000\nLovelace', 'Ada Lovelace'],
  ['Eve\u202E', 'Eve'],
  ['Eve\u2066\u202Dnimda', 'Eve nimda'],
  ['שלום עולם', 'שלום עולם'],
  ['\u200Fשלום (a)\u200E', '\u200Fשלום (a)\u200E'],
  ['می‌خواهم', 'می‌خواهم'],
  ['Zoë 👩‍🔬', 'Zoë 👩‍🔬'],
  [`${'x'.repeat(255)}🦊`, `${'x'.repeat(255)}\uFFFD`],
])('%j is shown as %j', (text, shown) => {
  expect(cleanText(text)).toBe(shown)
})
