import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { startApiServer, type ApiServer } from '@hub/demo'
import { describeHub, type HubWorld } from './describe-hub.ts'
import { socketOf, type TestHub } from './hub.ts'
import { startTokenIssuer, type TokenIssuer } from './token-issuer.ts'

type ToolResult = {
  content: { text: string }[]
  isError?: boolean
  structuredContent?: Record<string, unknown>
  _meta?: Record<string, unknown>
}

type CallOptions = Parameters<Client['callTool']>[1]
type ClientOptions = NonNullable<ConstructorParameters<typeof Client>[1]>

type Agent = Awaited<ReturnType<typeof connectAgent>>

/** The official client of agents, whose requests go to this hub without a socket. */
export async function connectAgent(
  hub: Pick<TestHub, 'app'>,
  token: string,
  mode?: 'auto',
  options: ClientOptions = {},
) {
  const client = new Client(
    { name: 'suite', version: '1' },
    { ...options, ...(mode && { versionNegotiation: { mode } }) },
  )
  const transport = new StreamableHTTPClientTransport(new URL('http://localhost:3001/mcp'), {
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers)
      headers.set('host', 'localhost:3001')
      headers.set('authorization', `Bearer ${token}`)
      const sent = { ...(init as RequestInit), headers }
      return hub.app.request(String(url), sent, socketOf('10.9.9.9', headers))
    },
  })
  await client.connect(transport)
  return {
    client,
    call: async (name: string, args: Record<string, unknown> = {}, how?: CallOptions) => {
      const result = (await client.callTool({ name, arguments: args }, how)) as ToolResult
      return { ...result, text: result.content.map(({ text }) => text).join('\n') }
    },
    close: () => client.close(),
  }
}

type Defer = (end: () => unknown) => void

type Options = {
  /** What agents hold, by the client id that their tokens name. */
  programs?: Record<string, { role: string; namespaces?: string[]; instanceId?: string }>
  /** What people hold, by their subject. */
  people?: Record<string, { role: string; namespaces?: string[] }>
  env?: Record<string, string> | ((issuer: string) => Record<string, string>)
  /** By instance; without, `prod` is a cluster of the suite's own. */
  startClusters?: (defer: Defer) => Promise<Record<string, string>>
}

export type AgentWorld = {
  readonly issuer: TokenIssuer
  /** Behind `prod`. */
  readonly cluster: ApiServer
  /** A token of the issuer for a program; claims say otherwise. */
  tokenOf(client: string, claims?: object): Promise<string>
  connect(client: string, mode?: 'auto', options?: ClientOptions): Promise<Agent>
}

/** A hub with the agents' door before a cluster, and an issuer of agents' tokens. */
export function describeAgents(
  name: string,
  { env = {}, people = {}, programs = {}, startClusters }: Options,
  tests: (world: HubWorld, agents: AgentWorld) => void,
): void {
  type Filled = { -readonly [Part in keyof AgentWorld]: AgentWorld[Part] }
  const worlds = { sqlite: {} as Filled, postgres: {} as Filled }
  describeHub(
    name,
    async ({ defer, dialect }) => {
      const agents = worlds[dialect]
      const issuer = (agents.issuer = await startTokenIssuer())
      defer(() => issuer.stop())
      const startProd = async () => {
        const cluster = (agents.cluster = await startApiServer({ webhooks: false }))
        defer(() => cluster.stop())
        return { prod: cluster.kubeconfig('service-account-token') }
      }
      const grants = [
        ...Object.entries(programs).map(([client, grant]) => ({
          principal: `service:${client}@${issuer.issuer}`,
          ...grant,
        })),
        ...Object.entries(people).map(([subject, grant]) => ({
          principal: `oidc:${subject}`,
          ...grant,
        })),
      ]
      return {
        credentials: await (startClusters ? startClusters(defer) : startProd()),
        env: {
          OAUTH_ISSUER_URL: issuer.issuer,
          OAUTH_AUDIENCE: 'mcp-server',
          HUB_GRANTS: JSON.stringify(grants),
          ...(typeof env === 'function' ? env(issuer.issuer) : env),
        },
      }
    },
    (world) => {
      const agents = worlds[world.dialect]
      agents.tokenOf = (client, claims = {}) =>
        agents.issuer.sign({ sub: client, azp: client, aud: 'mcp-server', ...claims })
      agents.connect = async (client, mode, options) =>
        connectAgent(world.hub, await agents.tokenOf(client), mode, options)
      tests(world, agents)
    },
  )
}
