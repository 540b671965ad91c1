import { describe, test, vi } from 'vitest'
import { describeAgents } from '../test/agent.ts'
import { serveApp } from '../test/serve-app.ts'
import { expectConformance, revisions } from './conformance/expect-conformance.ts'
import { createFixtureServer } from './conformance/fixture-server.ts'

const clients = process.env['AGENT_CLIENTS']

// The suite's own tools instead of the hub's, and none of them is answered before there is a server.
vi.mock('../src/mcp/create-servers.ts', () => ({ createServers: () => createFixtureServer }))
vi.mock(import('../src/mcp/answer-at-once.ts'), async (importOriginal) => ({
  ...(await importOriginal()),
  readPlainRequest: () => null,
}))

describe.skipIf(!clients)(
  "the agents' door around the fixtures of the conformance suite (AGENT_CLIENTS)",
  () => {
    describeAgents(
      'with a hub',
      { programs: { agent: { role: 'deployer' } } },
      (world, { tokenOf }) => {
        test.each(revisions)(
          'revision %s holds but for what is listed with its reason',
          async (revision) => {
            await using at = await serveApp(world.hub, await tokenOf('agent'))
            await expectConformance(
              clients!,
              `${at.url}/mcp`,
              revision,
              `fixtures-${revision}.yaml`,
            )
          },
        )
      },
    )
  },
)
