import { expect, test } from 'vitest'
import { createLogger } from './logger.ts'

function write(fields: Record<string, unknown>, bindings?: Record<string, unknown>) {
  const lines: string[] = []
  const log = createLogger('debug', { write: (line) => void lines.push(line) })
  ;(bindings ? log.child(bindings) : log).info(fields, 'a line')
  return JSON.parse(lines[0]!) as Record<string, unknown>
}

test('fields that carry secrets by name are censored, two levels deep and in lists', () => {
  const token = 'hubpat_secret'
  const given = {
    token,
    path: '/api',
    request: { headers: { authorization: token, accept: 'x' }, cookie: token },
    several: [{ password: token }, { name: 'kept' }],
  }
  const line = write(given)
  expect(JSON.stringify(line)).not.toContain(token)
  expect(line).toMatchObject({
    token: '[redacted]',
    path: '/api',
    request: { headers: { authorization: '[redacted]', accept: 'x' }, cookie: '[redacted]' },
    several: [{ password: '[redacted]' }, { name: 'kept' }],
  })
  expect(given.request.headers.authorization).toBe(token)
})

test('so are those of a logger of its own', () => {
  expect(write({}, { requestId: 'r', secret: 's' })).toMatchObject({
    requestId: 'r',
    secret: '[redacted]',
  })
})

test('an error says its name, message and cause, and of a query no values', () => {
  const cause = Object.assign(new Error('Failed query: select 1\nparams: digest'), {
    query: 'select 1',
  })
  const { error } = write({ error: new Error('it failed', { cause }) })
  expect(error).toMatchObject({
    message: 'it failed',
    cause: { message: 'Failed query: select 1' },
  })
  expect(JSON.stringify(error)).not.toContain('digest')
})
