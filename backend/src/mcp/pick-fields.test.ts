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
  [
    ['status.conditions.type', 'status.conditions.status'],
    { status: { conditions: pod.status.conditions } },
  ],
  [['none', 'status.none', 'metadata.name.first'], { status: {}, metadata: { name: 'a' } }],
  [['__proto__', 'constructor'], {}],
])('of an object %j is %j', (fields, picked) => {
  expect(pickFields(pod, readFields(fields, undefined))).toEqual(picked)
})

test('of a list picks from each item, and keeps what is said of the list', () => {
  expect(pickFields({ items: [pod], next: 'n' }, readFields(['status.phase'], undefined))).toEqual({
    items: [{ status: { phase: 'Pending' } }],
    next: 'n',
  })
})

test.each(['name', [1], [''], Array.from({ length: 51 }, () => 'a'), ['a'.repeat(201)]])(
  'refuses %j',
  (given) => expect(() => readFields(given, undefined)).toThrow(/fields/),
)

test('are the standard ones where none are named, and all by a star', () => {
  expect(readFields(undefined, ['a.b'])).toEqual({ paths: [['a', 'b']], isStandard: true })
  expect(readFields(null, undefined)).toBeNull()
  expect(readFields(['*'], ['a'])).toBeNull()
})
