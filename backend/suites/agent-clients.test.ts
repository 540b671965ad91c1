import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { describeAgents } from '../test/agent.ts'
import { serveApp } from '../test/serve-app.ts'
import { expectConformance, revisions } from './conformance/expect-conformance.ts'

/** Clients that nobody here wrote; `.ci/counterparts/agent-clients` brings them. */
const clients = process.env['AGENT_CLIENTS']
const run = promisify(execFile)
const soon = { timeout: 20_000, interval: 100 }

const python = `
import asyncio, json, sys
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

async def main(url, token, mode):
    headers = {'Authorization': f'Bearer {token}'}
    async with httpx2.AsyncClient(headers=headers) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            tools = await client.list_tools()
            called = await client.call_tool('list_instances', {})
            refused = await client.call_tool('explain_deployment', {'instance': 'prod', 'namespace': 'default', 'name': 'none'})
            resources = await client.list_resources()
            prompts = await client.list_prompts()
            print(json.dumps({
                'tools': [tool.name for tool in tools.tools],
                'instances': called.structured_content,
                'refused': refused.is_error,
                'resources': [str(each.uri) for each in resources.resources],
                'prompts': [each.name for each in prompts.prompts],
            }))

asyncio.run(main(*sys.argv[1:]))
`

describe.skipIf(!clients)("agents' clients as their makers ship them (AGENT_CLIENTS)", () => {
  describeAgents(
    'with a hub',
    { programs: { agent: { role: 'deployer' } } },
    (world, { tokenOf }) => {
      test.each(['auto', 'legacy'])('the Python SDK, in mode %s', async (mode) => {
        await using at = await serveApp(world.hub)
        const token = await tokenOf('agent')
        const said = await vi.waitFor(async () => {
          const { stdout } = await run(join(clients!, 'python/bin/python'), [
            '-c',
            python,
            `${at.url}/mcp`,
            token,
            mode,
          ])
          const read = JSON.parse(stdout)
          expect(read.instances.items).toMatchObject([{ id: 'prod', status: { state: 'ready' } }])
          return read
        }, soon)
        expect(said.tools).toContain('create_deployment')
        expect(said.refused).toBe(true)
        expect(said.resources).toContain('hub://instances/prod')
        expect(said.prompts).toContain('why_not_running')
      })

      test("the protocol's inspector lists tools and calls one", async () => {
        await using at = await serveApp(world.hub)
        const token = await tokenOf('agent')
        const inspect = async (...args: string[]) => {
          const { stdout } = await run(join(clients!, 'node_modules/.bin/mcp-inspector'), [
            '--cli',
            `${at.url}/mcp`,
            '--transport',
            'http',
            '--header',
            `Authorization: Bearer ${token}`,
            ...args,
          ])
          return JSON.parse(stdout)
        }
        const { tools } = await inspect('--method', 'tools/list')
        expect(tools.map(({ name }: { name: string }) => name)).toContain('list_deployments')
        const one = ['--tool-name', 'list_deployments', '--tool-arg', 'limit=1']
        const called = await inspect('--method', 'tools/call', ...one)
        expect(called.structuredContent).toMatchObject({ items: [], total: 0 })
      })

      test.each(revisions)(
        'what revision %s requires but for what is listed with its reason',
        async (revision) => {
          await using at = await serveApp(world.hub, await tokenOf('agent'))
          await expectConformance(clients!, `${at.url}/mcp`, revision, `${revision}.yaml`)
        },
      )
    },
  )
})
