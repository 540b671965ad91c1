import { describe, expect, test } from 'vitest'
import { parseStreamEvent } from './stream.ts'

describe('parseStreamEvent', () => {
  test('puts the name of the event beside its data', () => {
    expect(parseStreamEvent('instance-removed', '{"id":"prod-east"}')).toEqual({
      type: 'instance-removed',
      id: 'prod-east',
    })
  })

  test.each(['{}', ''])('reads a reset with the data %j', (data) => {
    expect(parseStreamEvent('reset', data)).toEqual({ type: 'reset' })
  })

  test.each([
    ['instance-removed', '{"id":7}'],
    ['instance-removed', 'not json'],
    ['instance-removed', 'null'],
    ['something-newer', '{"id":"prod-east"}'],
  ])('passes over %s %s', (type, data) => {
    expect(parseStreamEvent(type, data)).toBeNull()
  })
})
