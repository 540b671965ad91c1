import { describe, expect, test } from 'vitest'
import { kubeconfigBytesMax, readYaml } from './read-yaml.ts'
import { Refusal } from './refusal.ts'

const head = 'clusters: []\n'

function reasonFor(text: string, as?: 'hub' | 'kubectl'): string | null {
  try {
    readYaml(text, as && { as })
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

describe('the size of a file', () => {
  test('is at most 1 MiB, in bytes', () => {
    const comment = `${head}# `
    const most = kubeconfigBytesMax - comment.length
    expect(reasonFor(comment + 'x'.repeat(most))).toBeNull()
    expect(reasonFor(comment + 'x'.repeat(most + 1))).toBe('The file is larger than 1 MiB.')
    expect(reasonFor(comment + 'ä'.repeat(most / 2 + 1))).toBe('The file is larger than 1 MiB.')
  })

  test.each(['', ' ', '\n\t\n'])('is nothing with %j', (text) => {
    expect(reasonFor(text)).toBe('The file is empty.')
  })

  test.each([
    ['[', ']'],
    ['{a: ', '}'],
  ])('is 64 deep at most: %s%s', (open, close) => {
    const nested = (depth: number) =>
      `${head}x: ${open.repeat(depth)}1${close.repeat(depth)}\ny: ${open}2${close}\n`
    expect(reasonFor(nested(64))).toBeNull()
    expect(reasonFor(nested(65))).toBe('The file is nested too deeply.')
    expect(reasonFor(nested(65), 'kubectl')).toBe('The file is nested too deeply.')
  })

  test('is wide without being deep', () => {
    expect(reasonFor(`${head}x: [${'[1], {a: 2}, '.repeat(200)}]\n`)).toBeNull()
  })

  test.each(['\n', ',', ':', '-', '?'])('is 30,000 pieces at most: %j', (piece) => {
    const comment = (count: number) => `clusters: # ${piece.repeat(count)}`
    const most = 30_000 - 1
    expect(reasonFor(comment(most))).toBeNull()
    expect(reasonFor(comment(most + 1))).toBe('The file has more than 30000 lines, keys and items.')
  })
})

describe('a kubeconfig', () => {
  test.each(['clusters: []', 'users: []', 'contexts: []', '{"users": []}'])(
    'is one with %s alone',
    (text) => expect(reasonFor(text)).toBeNull(),
  )

  test.each([
    'kind: Config\nusers: []',
    'apiVersion: v1\nusers: []',
    'apiVersion: v1\nkind: Config\nusers: []',
    'apiVersion: null\nkind: null\nusers: []',
  ])('says so or says nothing: %j', (text) => expect(reasonFor(text)).toBeNull())

  test.each(['kind: Secret\nusers: []', 'apiVersion: v2\nusers: []', 'kind: ""\nusers: []'])(
    'is no other thing: %j',
    (text) => {
      for (const as of ['hub', 'kubectl'] as const) {
        expect(reasonFor(text, as)).toMatch(/it is not "kind: Config" of "apiVersion: v1"/)
      }
    },
  )

  test.each(['text', '- a', '7', '[]'])('is no mapping: %j', (text) => {
    for (const as of ['hub', 'kubectl'] as const) expect(reasonFor(text, as)).toMatch(/no mapping/)
  })

  test('has clusters, users or contexts; kubectl takes one without', () => {
    expect(reasonFor('kind: Config')).toMatch(/it has no clusters, users and contexts/)
    expect(readYaml('kind: Config', { as: 'kubectl' })).toEqual({ kind: 'Config' })
    expect(readYaml('# later', { as: 'kubectl' })).toEqual({})
  })

  test('is read as it stands', () => {
    const text = 'users: []\nx: {a: 1, b: "2", c: yes, d: null, e: true, 3: four, "null": 5}'
    expect(readYaml(text)).toEqual({
      users: [],
      x: { a: 1, b: '2', c: 'yes', d: null, e: true, '3': 'four', null: 5 },
    })
  })
})

describe('a trap', () => {
  test.each<[string, RegExp]>([
    [`${head}a: 1\na: 2\nb: 3\nc: 4`, /the same key twice \(line 3\)/],
    [`${head}x:\n  - {a: 1, a: 2}`, /the same key twice \(line 3\)/],
    [`${head}x: &a 1\ny: *a`, /YAML aliases/],
    [`${head}x: !!binary YQ==`, /YAML tags/],
    [`${head}x: !own 1`, /YAML tags/],
    [`${head}__proto__: 1`, /a key "__proto__"/],
    [`${head}x: {y: {constructor: 1}}`, /a key "constructor"/],
    [`${head}prototype: 1`, /a key "prototype"/],
    [`${head}---\nusers: []`, /more than one YAML document \(line 2\)/],
    [`${head}x: [1`, /is not YAML \(line 2: [a-z]+( [a-z]+)*\)/],
    [`${head}\n\nx: "a`, /is not YAML \(line 4: \w+( \w+)*\)/],
    [`${head}? {a: 1}\n: 2`, /is not YAML/],
  ])('%j is refused, with its place', (text, reason) => {
    expect(reasonFor(text)).toMatch(reason)
  })

  test('is no merge: what looks like one is a key', () => {
    expect(readYaml(`${head}x: {<<: {a: 1}}`)).toEqual({ clusters: [], x: { '<<': { a: 1 } } })
  })

  test('is no key of another mapping', () => {
    expect(reasonFor(`${head}x: {a: 1}\ny: {a: 1}`)).toBeNull()
  })
})

describe('what kubectl takes', () => {
  const read = (text: string) => readYaml(text, { as: 'kubectl' })

  test.each([
    ['yes', true],
    ['Yes', true],
    ['YES', true],
    ['on', true],
    ['On', true],
    ['ON', true],
    ['true', true],
    ['no', false],
    ['No', false],
    ['NO', false],
    ['off', false],
    ['Off', false],
    ['OFF', false],
    ['false', false],
    ['oN', 'oN'],
    ['yesterday', 'yesterday'],
    ['anon', 'anon'],
    ['"yes"', 'yes'],
  ])('%s is %j', (word, value) => expect(read(`x: ${word}`)).toEqual({ x: value }))

  test('texts by their tags, repetitions, merges and keys that stand twice', () => {
    expect(read('a: !!binary aGk=\nb: !!str 7\nc: !own d')).toEqual({ a: 'hi', b: '7', c: 'd' })
    expect(read('a: &a {b: 1}\nc: *a\nd: {<<: *a, e: 2}')).toEqual({
      a: { b: 1 },
      c: { b: 1 },
      d: { b: 1, e: 2 },
    })
    expect(read('a: 1\na: 2')).toEqual({ a: 2 })
    expect(read('a: 1\n---\na: 2')).toEqual({ a: 1 })
    expect(read('7: a')).toEqual({ '7': 'a' })
  })

  test.each<[string, RegExp]>([
    ['? [a, b]\n: 1', /is not YAML/],
    ['a: [1', /is not YAML \(line 1: /],
    ['a: *gone', /is not YAML|aliases/],
  ])('is not %j', (text, reason) => expect(reasonFor(text, 'kubectl')).toMatch(reason))

  test('repeats itself 10,000 times at most', () => {
    const text = (count: number) => `a: &a x\nb: [${Array(count).fill('*a').join(', ')}]`
    expect(reasonFor(text(1_000), 'kubectl')).toBeNull()
    expect(reasonFor(`l0: &l0 [a]\n${levels(5)}`, 'kubectl')).toBe(
      'The file repeats itself through aliases too often.',
    )
  })
})

/** Each repeats the one before ten times. */
function levels(count: number): string {
  return Array.from(
    { length: count },
    (_, at) => `l${at + 1}: &l${at + 1} [${Array(10).fill(`*l${at}`).join(',')}]`,
  ).join('\n')
}
