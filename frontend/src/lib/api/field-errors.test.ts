import { describe, expect, it } from 'vitest'
import { readFieldErrors } from './field-errors.ts'
import { ApiProblem } from './problem.ts'

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
