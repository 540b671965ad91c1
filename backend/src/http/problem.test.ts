import { readFileSync } from 'node:fs'
import { problemCodes } from '@hub/shared'
import { expect, test } from 'vitest'
import { AppError, asAppError } from '#errors'
import { presentProblem } from './problem.ts'

test('docs/errors.md lists every problem code with its status', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ])
  const request = { path: '/', requestId: 'r' }
  const expected = problemCodes.map((code) => [
    code,
    presentProblem(new AppError(code, { detail: 'x' }), request).status,
  ])
  expect(rows).toEqual(expected)
})

test('an unknown error shows nothing of itself', () => {
  const error = asAppError(new Error('password=hunter2'))
  expect(JSON.stringify(presentProblem(error, { path: '/', requestId: 'r' }))).not.toContain(
    'hunter2',
  )
  expect(error.cause).toBeInstanceOf(Error)
})
