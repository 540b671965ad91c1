import { CreateDeploymentInput, GrantInput, Problem, type FieldError } from '@hub/shared'
import { Hono, type Context } from 'hono'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { AppError, asAppError } from '#errors'
import type { InputSchemas } from '#operation'
import { answerProblem, presentProblem } from './problem.ts'
import { bodyBytesMax, readBody } from './read-body.ts'
import { createInputReader } from './read-input.ts'

const Query = z.strictObject({ limit: z.string().optional() })
const Items = z.strictObject({ items: z.array(z.strictObject({ id: z.int() })) })

const parsing = (inputs: InputSchemas) => {
  const read = createInputReader(inputs)
  return async (c: Context) => {
    const { body, query } = await read(c, await readBody(c))
    return c.json((body ?? query) as object)
  }
}
const app = new Hono()
  .post('/deployments', parsing({ body: CreateDeploymentInput }))
  .post('/grants', parsing({ body: GrantInput }))
  .post('/items', parsing({ body: Items }))
  .get('/list/:id', parsing({ query: Query }))
app.onError((error, c) => answerProblem(c, asAppError(error), 'request'))

const send = (path: string, body: string) =>
  app.request(path, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
const refusal = async (response: Response) => {
  const text = await response.text()
  return { bytes: text.length, problem: Problem.parse(JSON.parse(text)) }
}
const members = (count: number, name = (index: number) => `key${index}`) =>
  Array.from({ length: count }, (_, index) => `"${name(index)}":0`).join(',')
const whole = `"name":"llama","spec":{"model":{"id":"a/b"}}`
const longKey = 'k'.repeat(900_000)

test.each<[string, string, string, Partial<FieldError>]>([
  ['80,000 unknown fields', '/deployments', `{${members(80_000)}}`, { pointer: '/name' }],
  [
    '80,000 unknown fields before good ones',
    '/deployments',
    `{${members(80_000)},${whole}}`,
    { pointer: '/key0' },
  ],
  [
    '70,000 unknown fields deeper within',
    '/deployments',
    `{"name":"llama","spec":{"model":{"id":"a/b",${members(70_000)}}}}`,
    { pointer: '/spec/model/key0' },
  ],
  ['a field with a name of 900 KB', '/deployments', `{${whole},"${longKey}":0}`, {}],
  [
    '300,000 wrong items',
    '/items',
    `{"items":[${'1,'.repeat(300_000)}1]}`,
    { pointer: '/items/0' },
  ],
  [
    '100,000 empty items',
    '/items',
    `{"items":[${'{},'.repeat(100_000)}{}]}`,
    { pointer: '/items/0/id' },
  ],
  [
    '30,000 items with unknown fields',
    '/items',
    `{"items":[${'{"id":1,"a":2,"b":3},'.repeat(30_000)}{"id":1}]}`,
    { pointer: '/items/0/a' },
  ],
  [
    '200,000 namespaces',
    '/grants',
    `{"role":"viewer","namespaces":[${'"A",'.repeat(200_000)}"A"]}`,
    {},
  ],
])('H3: %s make a short answer at the cost of reading them', async (_, path, body, first) => {
  expect(body.length).toBeLessThan(bodyBytesMax)
  await send(path, body)
  const cost = (work: () => unknown) => {
    const before = process.cpuUsage()
    const done = work()
    return { done, ms: () => process.cpuUsage(before).user / 1000 }
  }
  const reading = cost(() => JSON.parse(body))
  const readingMs = reading.ms()
  const answering = cost(() => send(path, body))
  const response = await (answering.done as Promise<Response>)
  const answeringMs = answering.ms()
  expect(response.status).toBe(400)
  const { bytes, problem } = await refusal(response)
  expect(problem.code).toBe('invalid-request')
  expect(problem.errors!.length).toBeLessThanOrEqual(20)
  expect(problem.errors![0]).toMatchObject(first)
  expect(bytes).toBeLessThan(16_000)
  expect(answeringMs).toBeLessThan(readingMs * 10 + 100)
})

test('H3: what is right is called right, however much is wrong beside it', async () => {
  const { problem } = await refusal(await send('/deployments', `{${members(80_000)},${whole}}`))
  expect(problem.errors).toHaveLength(20)
  expect(problem.errors!.every(({ pointer }) => pointer.startsWith('/key'))).toBe(true)
  expect(problem.detail).toContain('and more like these')
})

test('H3: twenty wrong fields are all named, and none is said to be left out', async () => {
  const { problem } = await refusal(await send('/deployments', `{${members(20)},${whole}}`))
  expect(problem.errors).toHaveLength(20)
  expect(problem.detail).not.toContain('and more')
})

test('H3: a list that is only too long is refused by its length', async () => {
  const { problem } = await refusal(
    await send('/items', `{"items":[${'{"id":1},'.repeat(50_000)}{"id":1}]}`),
  )
  expect(problem.detail).toContain('too many members')
})

test('H3: thousands of parameters make a short answer', async () => {
  const query = Array.from({ length: 3_000 }, (_, index) => `p${index}=1`).join('&')
  const response = await app.request(`/list/${'x'.repeat(9_000)}?${query}`)
  expect(response.status).toBe(400)
  const { bytes, problem } = await refusal(response)
  expect(problem.errors).toHaveLength(20)
  expect(bytes).toBeLessThan(8_000)
})

test.each([
  ['brackets without end', '['.repeat(500_000)],
  ['objects without end', '{"a":'.repeat(150_000)],
  ['brackets that close', `${'['.repeat(400_000)}${']'.repeat(400_000)}`],
])('H3: %s are too deep before anything is made of them', async (_, body) => {
  const { problem } = await refusal(await send('/deployments', body))
  expect(problem.detail).toContain('nested deeper')
})

test('H3: brackets in strings, also after escaped quotes, are not depth', async () => {
  const name = `\\"${'['.repeat(100)}\\\\`
  const { problem } = await refusal(await send('/deployments', `{"name":"${name}"}`))
  expect(problem.code).toBe('invalid-request')
})

test.each([
  ['1e999', '{"items":[{"id":1e999}]}'],
  ['a million digits', `{"items":[{"id":${'9'.repeat(1_000_000)}}]}`],
])('H3: a number of %s is refused by its field', async (_, body) => {
  const { bytes, problem } = await refusal(await send('/items', body))
  expect(problem.errors).toMatchObject([{ pointer: '/items/0/id' }])
  expect(bytes).toBeLessThan(2_000)
})

test('H3: a problem is short whatever a cluster said', () => {
  const errors = Array.from({ length: 50 }, () => ({
    pointer: `/${'p'.repeat(9_000)}`,
    detail: 'd'.repeat(9_000),
  }))
  const error = new AppError('deployment-invalid', { detail: 'x'.repeat(90_000), errors })
  const problem = presentProblem(error, { path: `/${'y'.repeat(9_000)}`, requestId: 'r' })
  expect(problem.errors).toHaveLength(20)
  expect(JSON.stringify(problem).length).toBeLessThan(24_000)
})
