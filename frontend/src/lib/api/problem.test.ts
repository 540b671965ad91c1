import { describe, expect, test } from 'vitest'
import { ApiProblem, describeError, describeFailure, isProblem, readProblem } from './problem.ts'

const problem = {
  type: 'about:blank',
  title: 'Not found',
  status: 404,
  detail: 'There is no such deployment.',
  instance: '/api/deployments',
  code: 'not-found',
  requestId: 'r-1',
}

describe('readProblem', () => {
  test('keeps what the hub says', async () => {
    const errors = [{ pointer: '/name', detail: 'is taken' }]
    const read = await readProblem(Response.json({ ...problem, errors }, { status: 404 }))
    expect(read).toMatchObject({
      status: 404,
      code: 'not-found',
      message: problem.detail,
      requestId: 'r-1',
      errors,
    })
  })

  test('reads a code that only a newer hub knows', async () => {
    const read = await readProblem(Response.json({ ...problem, code: 'made-up' }, { status: 418 }))
    expect(read).toMatchObject({ code: 'made-up', detail: problem.detail })
  })

  test('finds words for an answer that is no problem', async () => {
    const read = await readProblem(new Response('<html>Bad gateway</html>', { status: 502 }))
    expect(read).toMatchObject({ status: 502, code: 'unavailable', errors: [] })
    expect(read.detail).toContain('502')
    expect(read.detail).not.toContain('<html>')
  })
})

test('isProblem asks for any of some statuses', () => {
  const error = new ApiProblem({ status: 403, code: 'forbidden', detail: 'no' })
  expect(isProblem(error)).toBe(true)
  expect(isProblem(error, 403, 404)).toBe(true)
  expect(isProblem(error, 404)).toBe(false)
  expect(isProblem(new Error('no'))).toBe(false)
})

test('describeError never shows the inside of a fault', () => {
  expect(describeError(new TypeError('x is not a function'))).not.toContain('function')
})

describe('describeFailure', () => {
  const title = 'The role was not given'

  test('H12: claims that nothing happened only where the hub says so', async () => {
    const refused = await readProblem(Response.json(problem, { status: 404 }))
    expect(describeFailure(refused, title)).toEqual({
      title,
      text: problem.detail,
      isUnknown: false,
    })
    expect(describeFailure(new TypeError('x'), title).title).toBe(title)
  })

  test('H12: says so where the hub does not know what a cluster did', async () => {
    const unknown = { ...problem, status: 504, outcome: 'unknown' }
    const read = await readProblem(Response.json(unknown, { status: 504 }))
    expect(describeFailure(read, title)).toEqual({
      title: 'It may have happened anyway',
      text: problem.detail,
      isUnknown: true,
    })
  })

  test('H12: says that it may have happened where nobody or a proxy answered', async () => {
    const cut = new ApiProblem({ status: 0, code: 'unavailable', detail: 'It cannot be reached.' })
    const proxy = await readProblem(new Response('<html>Bad gateway</html>', { status: 502 }))
    for (const error of [cut, proxy]) {
      const { text, title: said } = describeFailure(error, title)
      expect(said).toBe('No answer from the hub')
      expect(text).toBe(`${error.detail} Check first whether it happened anyway.`)
    }
  })
})
