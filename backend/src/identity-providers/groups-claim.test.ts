import { describe, expect, test } from 'vitest'
import { readGroupsClaim } from './groups-claim.ts'

const none = { names: [], dropped: 0 }
const named = (...names: string[]) => ({ names, dropped: 0 })

describe('H21: the groups of a claim', () => {
  test.each<[string, unknown, ReturnType<typeof readGroupsClaim>]>([
    ['null is none', null, none],
    ['an empty text is none', '', none],
    ['a blank text is none', '  ', none],
    ['an empty list is none', [], none],
    ['an empty object is none', {}, none],
    ['a list of nothing is none', [null, ''], none],
    ['undefined is not there', undefined, undefined],
    ['a list', ['ml', 'ops', 'ml'], named('ml', 'ops')],
    ['a text', 'ml', named('ml')],
    ['a text with a comma is one group', 'ml,ops', named('ml,ops')],
    ['one odd entry hides no other', ['ml', 7, 'ops'], { names: ['ml', 'ops'], dropped: 1 }],
    [
      'of many kinds',
      ['ml', true, [], {}, { name: 1 }, 'x'.repeat(257), 'a\u0000b'],
      { names: ['ml'], dropped: 6 },
    ],
    ['nothing is no odd entry', ['ml', null, ''], named('ml')],
    ['objects with a name', [{ name: 'ml', id: 'g1' }, { name: 'ops' }], named('ml', 'ops')],
    ['objects with a value (SCIM)', [{ value: 'ml', display: 'ML' }], named('ml')],
    ['objects with an id alone', [{ id: 'ml' }], named('ml')],
    ['one object', { id: 'g1', name: 'ml' }, named('ml')],
    ['the keys of an object', { ml: { org: 'x' }, ops: true }, named('ml', 'ops')],
    ['but for those that are not', { ml: true, ops: false, x: null }, named('ml')],
    ['a key that is called name', { name: { org: 'x' } }, named('name')],
    ['a number says nothing', 7, null],
    ['a list of odd entries alone says nothing', [7, {}], null],
    ['nor does a list without an end', Array.from({ length: 10_001 }, String), null],
  ])('%s', (_name, value, expected) => {
    expect(readGroupsClaim({ groups: value }, 'groups')).toEqual(expected)
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['realm_access.roles', { realm_access: { roles: ['ml'] } }, 'a way'],
    ['https://hub.example/groups', { 'https://hub.example/groups': ['ml'] }, 'an address'],
    ['a.b', { 'a.b': ['ml'], a: { b: ['no'] } }, 'a name with a dot before a way'],
    [
      'resource_access.hub.example.com.roles',
      { resource_access: { 'hub.example.com': { roles: ['ml'] } } },
      'a client id with dots on the way',
    ],
    [
      'resource_access.hub.example.com.roles',
      { resource_access: { hub: {}, 'hub.example.com': { roles: ['ml'] } } },
      'one that begins like another',
    ],
  ])('%s is read from %j: %s', (path, claims) => {
    expect(readGroupsClaim(claims, path)).toEqual(named('ml'))
  })

  test('nothing comes from what every object has', () => {
    expect(readGroupsClaim({}, 'constructor.name')).toBeUndefined()
    expect(readGroupsClaim({ groups: [{}] }, '__proto__')).toBeUndefined()
  })
})
