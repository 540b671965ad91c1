import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { socketOf, type TestHub } from './hub.ts'

type ToolResult = {
  content: { text: string }[]
  isError?: boolean
  structuredContent?: Record<string, unknown>
  _meta?: Record<string, unknown>
}

/** The official client of agents, whose requests go to this hub without a socket. */
export async function connectAgent(hub: Pick<TestHub, 'app'>, token: string, mode?: 'auto') {
  const agent = new Client(
    { name: 'suite', version: '1' },
    mode ? { versionNegotiation: { mode } } : {},
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
  await agent.connect(transport)
  return {
    call: async (name: string, args: Record<string, unknown> = {}) => {
      const result = (await agent.callTool({ name, arguments: args })) as ToolResult
      return { ...result, text: result.content.map(({ text }) => text).join('\n') }
    },
    close: () => agent.close(),
  }
}
