import type { JSONObject } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import { asAppError } from '#errors'
import { createOperations, type OperationDeps } from '../operations.ts'
import { createTools, type Tool } from './tools.ts'

// Tools are made of what operations declare; nothing here runs one.
const nothing = new Proxy({}, { get: () => nothing }) as OperationDeps
const tools = createTools(createOperations(nothing))
const toolOf = (name: string) => tools.find((tool) => tool.name === name)!
const read = ({ input }: Tool, given: object) => input.read(input.coerce(given))
const refusal = (tool: Tool, given: object) => {
  try {
    read(tool, given)
  } catch (thrown) {
    return asAppError(thrown).detail
  }
  throw new Error('it was taken')
}

/** Each object within a schema, with where it is. */
function listObjects(schema: unknown, at: string): { at: string; schema: JSONObject }[] {
  if (typeof schema !== 'object' || schema === null) return []
  const inner = Object.entries(schema).flatMap(([name, each]) => listObjects(each, `${at}/${name}`))
  const own = schema as JSONObject
  return own['type'] === 'object' ? [{ at, schema: own }, ...inner] : inner
}

test('every object of an argument says what it does with a field that it does not know', () => {
  const objects = tools.flatMap(({ listed, name }) => listObjects(listed.inputSchema, name))
  expect(objects.length).toBeGreaterThan(50)
  const silent = objects.filter((each) => each.schema['additionalProperties'] === undefined)
  expect(silent.map(({ at }) => at)).toEqual([])
})

test.each(tools)('$name refuses an argument that it does not have, by name', (tool) => {
  expect(refusal(tool, { no_such_argument: null })).toContain(
    'there is no argument "no_such_argument"',
  )
})

const place = { instance: 'prod', namespace: 'default', name: 'qwen' }

test("a model's spellings come to what the operation takes", () => {
  const spec = { model: { id: 'Qwen/Qwen3-8B' }, scaling: { replicas: 2 } }
  const garbled = JSON.stringify({ ...spec, scaling: { replicas: '2' }, engine: null })
  expect(
    read(toolOf('create_deployment'), { ...place, spec: garbled, labels: null, dry_run: 'True' }),
  ).toMatchObject({ query: { dryRun: 'All' }, body: { name: 'qwen', spec } })
  expect(read(toolOf('list_deployments'), { limit: '5', cursor: null }).query).toEqual({ limit: 5 })
  expect(read(toolOf('read_logs'), { ...place, previous: true, tail: '10' }).query).toMatchObject({
    previous: true,
    tail: 10,
  })
  expect(
    read(toolOf('request_access'), {
      role: 'viewer',
      reason: 'To look',
      minutes: '60',
      namespaces: 'default',
    }).body,
  ).toMatchObject({ minutes: 60, namespaces: ['default'] })
  // Null takes a field away here, and stays.
  expect(
    read(toolOf('change_deployment'), { ...place, metadata: null, spec: { image: null } }).body,
  ).toEqual({ spec: { image: null } })
})

test('what is refused is named with what is wanted and what came', () => {
  const said = refusal(toolOf('create_deployment'), {
    ...place,
    name: 'Not A Name',
    spec: { model: { id: 'a' }, scaling: { replicas: 2 } },
  })
  expect(said).toMatch(/name: .+, and the text "Not A Name" came/)
  expect(refusal(toolOf('get_instance'), {})).toMatch(/instance: .+, and nothing came/)
})
