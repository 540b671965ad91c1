import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { contextOf, grant } from '../../test/contexts.ts'
import { createOperations, type OperationDeps } from '../operations.ts'
import { createTools, isOfferedTo } from './tools.ts'

// Tools are made of what operations declare; nothing here runs one.
const nothing = new Proxy({}, { get: () => nothing }) as OperationDeps
const operations = createOperations(nothing)
const tools = createTools(operations)
const offered = (grants: Parameters<typeof contextOf>[0]) =>
  tools.filter((tool) => isOfferedTo(contextOf(grants), tool)).map(({ name }) => name)

/** What agents can do, and the tools for it. */
const reading = {
  'who asks': ['who_am_i', 'who_am_i_there', 'get_usage', 'list_activity'],
  instances: ['list_instances', 'get_instance', 'list_namespaces', 'get_policy', 'list_templates'],
  'where it fits': ['get_capacity'],
  deployments: ['list_deployments', 'get_deployment', 'get_manifest', 'get_history'],
  why: ['explain_deployment', 'wait_for_deployment', 'get_deployment_metrics'],
  models: ['list_models', 'get_model_route', 'ask_model'],
  'what stands behind it': ['list_pods', 'list_runtime_objects', 'list_events', 'read_logs'],
  'plain reads of Kubernetes': ['list_resources', 'get_resource'],
  access: ['request_access'],
}
const changing = [
  'create_deployment',
  'change_deployment',
  'scale_deployment',
  'restart_deployment',
  'pause_deployment',
  'resume_deployment',
  'recreate_deployment',
  'restore_deployment',
  'delete_deployment',
]

test('the set of tools, as an administrator has them, a viewer, and nobody', () => {
  const read = Object.values(reading).flat()
  expect(offered([grant('admin')]).toSorted()).toEqual([...read, ...changing].toSorted())
  expect(offered([grant('viewer')]).toSorted()).toEqual(read.toSorted())
  expect(offered(null)).toEqual([])
})

test('docs/mcp.md names every tool, and none that there is not', async () => {
  const page = await readFile(new URL('../../../docs/mcp.md', import.meta.url), 'utf8')
  const rows = page.split('\n## Tools\n')[1]!.split('\n## ')[0]!.split('\n')
  const named = rows.filter((row) => row.startsWith('| `')).flatMap((row) => row.match(/`\w+`/g)!)
  const names = tools.map(({ name }) => `\`${name}\``)
  expect(named.toSorted()).toEqual(names.toSorted())
})

test('what changes can be tried without effect, and says whether it takes something away', () => {
  for (const { input, listed, name } of tools.filter((tool) => changing.includes(tool.name))) {
    expect([name, Object.keys(input.schema.properties)]).toEqual([
      name,
      expect.arrayContaining(['dry_run']),
    ])
    expect([name, listed.annotations.readOnlyHint]).toEqual([name, false])
  }
  const destructive = tools.filter((tool) => tool.listed.annotations.destructiveHint)
  expect(destructive.map(({ name }) => name).toSorted()).toEqual([
    'delete_deployment',
    'recreate_deployment',
  ])
})

test('a name is one tool, and every operation without one says why', () => {
  expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length)
  for (const { id, tool } of operations) {
    const [said, pattern] =
      'none' in tool ? [tool.none, /\w.+\.$/] : [tool.name, /^[a-z]+(_[a-z]+)+$/]
    expect([id, said]).toEqual([id, expect.stringMatching(pattern)])
  }
})
