import { connect, type AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asAppError } from '#errors'
import { presentBearer, readBearer } from './authorization.ts'
import { answerProblem } from './problem.ts'

describe('readBearer', () => {
  test.each<[string[], string | null]>([
    [[], null],
    [['Bearer abc'], 'abc'],
    [['bearer   a.b-c_d~e+f/g=='], 'a.b-c_d~e+f/g=='],
  ])('%j presents %j', (headers, token) => {
    expect(readBearer(headers)).toBe(token)
  })

  test.each([[['']], [['Bearer']], [['Bearer a b']], [['Basic abc']], [['abc']], [['Bearer a,b']]])(
    '%j is unauthenticated',
    (headers) => {
      expect(() => readBearer(headers)).toThrow(/^unauthenticated/)
    },
  )

  test('two headers are invalid, whatever they say', () => {
    expect(() => readBearer(['Bearer a', 'Bearer a'])).toThrow(/^invalid-request/)
  })
})

describe('presentBearer on a socket', () => {
  let server: ReturnType<typeof serve>
  beforeAll(async () => {
    const app = new Hono()
    app.onError((error, c) => answerProblem(c, asAppError(error), 'r'))
    app.get('/', presentBearer(), (c) => c.text(String(c.get('bearer'))))
    server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
    await new Promise((resolve) => server.once('listening', resolve))
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))

  const send = (...headers: string[]) =>
    new Promise<string>((resolve) => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => (text += chunk.toString()))
      socket.on('close', () => resolve(text))
      socket.write(
        `${['GET / HTTP/1.1', 'Host: x', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`,
      )
    })

  test('counts headers where Node itself keeps the first alone', async () => {
    expect(await send('Authorization: Bearer one')).toMatch(/\r\none$|\none/)
    const two = await send('Authorization: Bearer one', 'authorization: Bearer two')
    expect(two).toMatch(/^HTTP\/1.1 400 /)
    expect(await send('Authorization: ')).toMatch(/^HTTP\/1.1 401 /)
    expect(await send()).toContain('null')
  })
})
