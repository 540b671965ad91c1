import { expect, test } from 'vitest'
import { isProduction, lettersOf } from './instance-mark.tsx'

test.each([
  ['prod-east', true],
  ['eu-prod', true],
  ['us-prd2', true],
  ['production', true],
  ['live-1', true],
  ['product-lab', false],
  ['nonprod', false],
  ['demo-east', false],
])('%s is production: %s', (id, expected) => {
  expect(isProduction(id)).toBe(expected)
})

test('the letters of a mark', () => {
  expect(lettersOf('prod-east')).toBe('pe')
  expect(lettersOf('kind')).toBe('ki')
  expect(lettersOf('a')).toBe('a')
})
