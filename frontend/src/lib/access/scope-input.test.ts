import { describe, expect, it, test } from 'vitest'
import {
  checkScope,
  narrowScope,
  splitNames,
  toScopeInput,
  type ScopeValues,
} from './scope-input.ts'

const at = (changes: Partial<ScopeValues>): ScopeValues => ({ ...narrowScope, ...changes })

describe('toScopeInput', () => {
  it('H30: leaves out only what was chosen to be for all', () => {
    const named = { instance: ' prod-east ', namespaces: ['ml-team'] }
    const input = { role: 'viewer', instanceId: 'prod-east', namespaces: ['ml-team'] }
    expect(toScopeInput(at(named))).toEqual(input)
    expect(toScopeInput(at({ ...named, everyInstance: true, allNamespaces: true }))).toEqual({
      role: 'viewer',
    })
  })

  it('an administrator is one of the whole hub, whatever was typed before', () => {
    const typed = { instance: 'prod-east', namespaces: ['a'] }
    expect(toScopeInput(at({ role: 'admin', ...typed }))).toEqual({ role: 'admin' })
  })
})

test('several names in one are several', () => {
  expect(splitNames(['a', ' b, c ', 'd,', 'a'])).toEqual(['a', 'b', 'c', 'd'])
})

describe('checkScope', () => {
  it.each<[Partial<ScopeValues>, string[]]>([
    [{}, ['instanceId', 'namespaces']],
    [{ instance: ' ' }, ['instanceId', 'namespaces']],
    [{ everyInstance: true }, ['namespaces']],
    [{ allNamespaces: true }, ['instanceId']],
    [{ everyInstance: true, allNamespaces: true }, []],
    [{ instance: 'prod-east', namespaces: ['a', 'b'] }, []],
    [{ instance: 'Prod East', allNamespaces: true }, ['instanceId']],
    [{ everyInstance: true, namespaces: ['a', 'b_c'] }, ['namespaces']],
    [{ role: 'admin' }, []],
  ])('H30: %j: %j', (values, fields) => {
    expect(Object.keys(checkScope(at(values)))).toEqual(fields)
  })
})
