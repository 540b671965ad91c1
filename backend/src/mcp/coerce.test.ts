import fc from 'fast-check'
import type { JSONObject } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import { coerce } from './coerce.ts'

type Case = { schema: JSONObject; value: unknown; garbled: unknown }

const read = (value: unknown, schema: JSONObject) => {
  const faults: string[] = []
  return { value: coerce(value, schema, faults), faults }
}
const object = (properties: Record<string, JSONObject>, required: string[] = []): JSONObject => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
const asOneOf = <T>(...values: T[]) => fc.constantFrom(...values)

const integer = fc
  .maxSafeInteger()
  .filter((value) => !Object.is(value, -0))
  .chain((value) =>
    asOneOf<unknown>(value, String(value), ` ${value} `).map((garbled): Case => ({
      schema: { type: 'integer' },
      value,
      garbled,
    })),
  )
const number = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((value) => !Object.is(value, -0))
  .chain((value) =>
    asOneOf<unknown>(value, String(value)).map((garbled): Case => ({
      schema: { type: 'number' },
      value,
      garbled,
    })),
  )
const boolean = fc.boolean().chain((value) =>
  asOneOf<unknown>(value, String(value), value ? 'True' : 'False').map((garbled): Case => ({
    schema: { type: 'boolean' },
    value,
    garbled,
  })),
)
const text = fc
  .string()
  .map((value): Case => ({ schema: { type: 'string' }, value, garbled: value }))

/** A schema, a value of it, and that value as a model might spell it. */
const { anything } = fc.letrec<{ anything: Case; list: Case; fields: Case }>((tie) => ({
  anything: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    integer,
    number,
    boolean,
    text,
    tie('list'),
    tie('fields'),
  ),
  list: fc
    .record({ item: tie('anything'), count: fc.nat(3), way: fc.nat(2) })
    .map(({ count, item, way }) => {
      const garbled = Array.from({ length: count }, () => item.garbled)
      const isPlain = typeof item.garbled === 'number' || typeof item.garbled === 'boolean'
      const ways = [
        garbled,
        JSON.stringify(garbled),
        count === 1 && isPlain ? item.garbled : garbled,
      ]
      return {
        schema: { type: 'array', items: item.schema },
        value: Array.from({ length: count }, () => item.value),
        garbled: ways[way],
      }
    }),
  fields: fc
    .record({
      inner: fc.dictionary(fc.string(), tie('anything'), { maxKeys: 3, noNullPrototype: true }),
      missing: fc.dictionary(fc.string(), tie('anything'), { maxKeys: 2, noNullPrototype: true }),
      asText: fc.boolean(),
    })
    .map(({ asText, inner, missing }) => {
      const pick = (key: keyof Case, from: Record<string, Case>) =>
        Object.fromEntries(Object.entries(from).map(([name, each]) => [name, each[key]]))
      const properties = { ...pick('schema', missing), ...pick('schema', inner) }
      const nulls = Object.fromEntries(Object.keys(missing).map((name) => [name, null]))
      const garbled = { ...nulls, ...pick('garbled', inner) }
      return {
        schema: object(properties as Record<string, JSONObject>),
        value: pick('value', inner),
        garbled: asText ? JSON.stringify(garbled) : garbled,
      }
    }),
}))

test('what a model spells in its own way is read as what was meant', () => {
  fc.assert(
    fc.property(anything, ({ garbled, schema, value }) => {
      expect(read(garbled, schema)).toEqual({ value, faults: [] })
    }),
    { numRuns: 500 },
  )
})

test('what is right stays as it is', () => {
  fc.assert(
    fc.property(anything, ({ schema, value }) => {
      expect(read(value, schema)).toEqual({ value, faults: [] })
    }),
  )
})

test('whatever comes either gets a fault or is of the type that is wanted, and no field is lost', () => {
  fc.assert(
    fc.property(anything, fc.jsonValue(), ({ schema }, sent) => {
      const first = read(sent, schema)
      if (first.faults.length > 0) return
      expect(read(first.value, schema)).toEqual(first)
      if (schema['type'] !== 'object' || typeof sent !== 'object') return
      const kept = Object.entries(sent ?? {}).filter(([, each]) => each !== null)
      expect(Object.keys(first.value as object)).toEqual(kept.map(([name]) => name))
    }),
    { numRuns: 500 },
  )
})

test.each<[string, unknown, JSONObject, unknown]>([
  ['a whole number where text is wanted', 3, { type: 'string' }, '3'],
  ['true where the word is wanted', true, { type: 'string', enum: ['true', 'false'] }, 'true'],
  ['one name for a list', 'name', { type: 'array', items: { type: 'string' } }, ['name']],
  ['null that means something', null, { type: ['string', 'null'] }, null],
  ['the word for null', 'None', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, null],
  ['a number in a choice', '3', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, 3],
  ['text that may be text', '3', { type: ['string', 'integer'] }, '3'],
])('takes %s', (_, sent, schema, value) => {
  expect(read(sent, schema)).toEqual({ value, faults: [] })
})

const count = { type: 'integer', minimum: 0, maximum: 8 }

test.each<[unknown, JSONObject, string]>([
  ['two', count, 'replicas: wanted is a whole number from 0 to 8, and the text "two" came'],
  ['2.5', count, 'replicas: wanted is a whole number from 0 to 8, and the text "2.5" came'],
  ['0x10', count, 'replicas: wanted is a whole number from 0 to 8, and the text "0x10" came'],
  ['', count, 'replicas: wanted is a whole number from 0 to 8, and the text "" came'],
  [[2], count, 'replicas: wanted is a whole number from 0 to 8, and a list of 1 came'],
  ['yes', { type: 'boolean' }, 'replicas: wanted is true or false, and the text "yes" came'],
  [1, { type: 'boolean' }, 'replicas: wanted is true or false, and 1 came'],
  [2.5, { type: 'string' }, 'replicas: wanted is a text, and 2.5 came'],
  [
    'a,b',
    { type: 'array', items: { type: 'string' } },
    'replicas: wanted is a list, each a text, and the text "a,b" came',
  ],
  [
    'x'.repeat(40),
    { type: ['integer', 'null'] },
    'replicas: wanted is a whole number or null, and a text of 40 characters came',
  ],
  ['{"a":', object({}), 'replicas: wanted is an object, and the text "{\\"a\\":" came'],
  [{ a: 1 }, object({}), 'there is no argument "replicas.a"'],
  ['{"a":null}', object({}), 'there is no argument "replicas.a"'],
  [
    '["two"]',
    { type: 'array', items: count },
    'replicas.0: wanted is a whole number from 0 to 8, and the text "two" came',
  ],
  [
    null,
    { type: 'string', enum: ['a', 'b'] },
    'replicas: wanted is one of "a", "b", and null came',
  ],
])('refuses %j by name, with what is wanted and what came', (sent, schema, fault) => {
  expect(read({ replicas: sent }, object({ replicas: schema }, ['replicas'])).faults).toEqual([
    fault,
  ])
})
