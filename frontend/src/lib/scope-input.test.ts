import { describe, expect, it, test } from 'vitest'
import { ApiProblem } from './api-problem.ts'
import { checkScope, readFieldErrors, splitNames, toScopeInput } from './scope-input.ts'

describe('toScopeInput', () => {
  it('leaves out what is for all', () => {
    expect(toScopeInput({ role: 'viewer', instance: ' ', namespaces: [] })).toEqual({
      role: 'viewer',
    })
    expect(
      toScopeInput({ role: 'deployer', instance: ' prod-east ', namespaces: ['ml-team'] }),
    ).toEqual({ role: 'deployer', instanceId: 'prod-east', namespaces: ['ml-team'] })
  })

  it('an administrator is one of the whole hub, whatever was typed before', () => {
    expect(toScopeInput({ role: 'admin', instance: 'prod-east', namespaces: ['a'] })).toEqual({
      role: 'admin',
    })
  })
})

test('several names in one are several', () => {
  expect(splitNames(['a', ' b, c ', 'd,', 'a'])).toEqual(['a', 'b', 'c', 'd'])
})

describe('checkScope', () => {
  it.each([
    [{ instance: '', namespaces: [] }, []],
    [{ instance: 'prod-east', namespaces: ['a', 'b'] }, []],
    [{ instance: 'Prod East', namespaces: [] }, ['instanceId']],
    [{ instance: '', namespaces: ['a', 'b_c'] }, ['namespaces']],
  ])('%j: %j', (values, fields) => {
    expect(Object.keys(checkScope({ role: 'viewer', ...values }))).toEqual(fields)
  })
})

describe('readFieldErrors', () => {
  it('takes the first word about each field, and nothing of what is no field', () => {
    const error = new ApiProblem({
      status: 400,
      code: 'invalid-request',
      detail: '…',
      errors: [
        { pointer: '/namespaces/2', detail: 'one' },
        { pointer: '/namespaces', detail: 'two' },
        { pointer: '?limit', detail: 'three' },
      ],
    })
    expect(readFieldErrors(error)).toEqual({ namespaces: 'one' })
    expect(readFieldErrors(new Error('other'))).toEqual({})
  })
})
