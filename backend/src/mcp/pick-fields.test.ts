import { expect, test } from 'vitest'
import { pickFields, readFields } from './pick-fields.ts'

const pod = {
  metadata: { name: 'a', labels: { app: 'x' } },
  status: { phase: 'Pending', conditions: [{ type: 'Ready', status: 'False' }] },
}

test.each([
  [['metadata.name'], { metadata: { name: 'a' } }],
  [['metadata.name', 'metadata.labels'], { metadata: { name: 'a', labels: { app: 'x' } } }],
  [['status.conditions.type'], { status: { conditions: [{ type: 'Ready' }] } }],
  [['none', 'status.none', 'metadata.name.first'], { status: {}, metadata: {} }],
  [['__proto__', 'constructor'], {}],
])('of an object %j is %j', (fields, picked) => {
  expect(pickFields(pod, readFields(fields)!)).toEqual(picked)
})

test('of a list picks from each item, and keeps what is said of the list', () => {
  expect(pickFields({ items: [pod], next: 'n' }, readFields(['status.phase'])!)).toEqual({
    items: [{ status: { phase: 'Pending' } }],
    next: 'n',
  })
})

test.each(['name', [1], [''], Array.from({ length: 51 }, () => 'a'), ['a'.repeat(201)]])(
  'refuses %j',
  (given) => expect(() => readFields(given)).toThrow(/fields/),
)
