import { expect, test } from 'vitest'
import { describePartial } from './partial-words.ts'

const lost = {
  instance: 'demo-lost',
  reason: 'It refuses connections at 127.0.0.1. Check its address.',
}
const old = { instance: 'prod-east', reason: 'It does not answer.', asOf: '2026-03-01T12:00:00Z' }

test('a lost instance is one line that names it and says why', () => {
  expect(describePartial([lost], null).map(({ words }) => words)).toEqual([
    '1 instance cannot be read: demo-lost · It refuses connections at 127.0.0.1.',
  ])
})

test('what is missing and what is old are told apart', () => {
  expect(describePartial([lost, old], null)).toMatchObject([
    { tone: 'warning' },
    { tone: 'neutral', words: '1 instance is as last known: prod-east · It does not answer.' },
  ])
})

test('many are counted, and the first of them named', () => {
  const many = ['a', 'b', 'c', 'd', 'e'].map((instance) => ({ instance, reason: 'Lost.' }))
  expect(describePartial(many, null)[0]?.words).toBe(
    '5 instances cannot be read: a · Lost, b · Lost, c · Lost, and 2 more.',
  )
})

test('what the page says already is not said twice', () => {
  expect(describePartial([lost], lost.reason)[0]?.words).toBe(
    'The instance cannot be read, for the reason above.',
  )
})

test('a line is another when another instance is lost or the reason is another, and not by time', () => {
  const keyOf = (partial: Parameters<typeof describePartial>[0]) =>
    describePartial(partial, null)[0]?.key
  expect(keyOf([old])).toBe(keyOf([{ ...old, asOf: '2026-03-01T13:00:00Z' }]))
  expect(keyOf([lost])).not.toBe(keyOf([{ ...lost, reason: 'The credential has expired.' }]))
  expect(keyOf([lost])).not.toBe(keyOf([lost, { ...lost, instance: 'demo-west' }]))
})
