import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { hc } from 'hono/client'
import { expect, test } from 'vitest'
import type { RequestContext } from '#context'
import { asAppError } from '#errors'
import {
  answerProblem,
  describeApi,
  listApi,
  mountOperations,
  type ApiOf,
  type HubEnv,
} from '#http'
import type { InstanceDeps } from '#instances'
import { bindOperations } from '#operation'
import { contextOf, grant } from '../test/contexts.ts'
import { countDeployments } from '../test/example-operation.ts'

const deps = {
  instances: { find: (id: string) => (id === 'prod' ? { id } : null) },
  fleet: { describeInstance: () => ({ deploymentCount: 3 }) },
} as unknown as InstanceDeps
const operations = bindOperations([countDeployments], deps)

function serve(ctx: RequestContext) {
  const app = new Hono<HubEnv>()
  app.use((c, next) => {
    c.set('ctx', ctx)
    return next()
  })
  app.onError((error, c) => answerProblem(c, asAppError(error), 'r'))
  mountOperations(app, operations, () => [])
  return app
}

test("the page's example is this file, and short", () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
  const example = read('../test/example-operation.ts')
  expect(read('../../docs/development.md')).toContain(`\`\`\`ts\n${example}\`\`\``)
  expect(example.split('\n').length).toBeLessThan(60)
})

test('a typed client has it over REST, and who sees nothing there does not', async () => {
  const app = serve(contextOf([grant('viewer')]))
  const { api } = hc<ApiOf<typeof countDeployments>>('http://hub', { fetch: app.request })
  const answer = await api.instances[':instance']['deployment-count'].$get({
    param: { instance: 'prod' },
  })
  const { deployments }: { deployments: number } = await answer.json()
  expect([answer.status, deployments]).toEqual([200, 3])
  const path = '/api/instances/prod/deployment-count'
  expect((await serve(contextOf([])).request(path)).status).toBe(404)
  expect((await app.request('/api/instances/-/deployment-count')).status).toBe(400)
})

test('the document has it, and what follows from its policy and its input', async () => {
  const document = await describeApi(listApi(operations, []), { sessionCookie: 'c' })
  expect(document.paths['/api/instances/{instance}/deployment-count']?.['get']).toMatchObject({
    operationId: 'countDeployments',
    'x-policy': { permission: 'instance.view', scope: 'instance' },
    parameters: [{ in: 'path', name: 'instance', required: true }],
    responses: { 200: {}, 400: {}, 401: {}, 403: {}, 404: {}, 429: {} },
  })
})

test('a door for agents finds its words', () => {
  expect(operations[0]?.tool).toEqual({
    name: 'count_deployments',
    description: 'Counts the deployments of an instance.',
  })
})
