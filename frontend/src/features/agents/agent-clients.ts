import type { CodeLanguage } from '../../components/highlighted-code.tsx'

/** How a client gets in: with a token that it is given, or by signing the person in itself. */
export type WayIn = 'token' | 'sign-in'

export interface AgentClient {
  name: string
  /** Where the text goes. */
  place: string
  language?: CodeLanguage
  write: (url: string, way: WayIn) => string
}

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })
const json = (value: unknown) => JSON.stringify(value, null, 2)

/** The ways of common clients of the Model Context Protocol; each reads the token from where it keeps secrets. */
export const agentClients = [
  {
    name: 'Claude Code',
    place: 'In a terminal',
    language: 'bash',
    write: (url, way) =>
      way === 'sign-in'
        ? `claude mcp add --transport http hub ${url}\n# then /mcp in a session, to sign in`
        : `claude mcp add --transport http hub ${url} --header "Authorization: Bearer $HUB_TOKEN"`,
  },
  {
    name: 'Claude Desktop',
    place: 'claude_desktop_config.json, by the bridge mcp-remote',
    language: 'json',
    write: (url, way) => {
      const args = ['-y', 'mcp-remote', url]
      const hub =
        way === 'sign-in'
          ? { command: 'npx', args }
          : {
              command: 'npx',
              args: [...args, '--header', 'Authorization:${AUTHORIZATION}'],
              env: { AUTHORIZATION: 'Bearer <token>' },
            }
      return json({ mcpServers: { hub } })
    },
  },
  {
    name: 'VS Code',
    place: '.vscode/mcp.json; it asks for the token and keeps it',
    language: 'json',
    write: (url, way) => {
      if (way === 'sign-in') return json({ servers: { hub: { type: 'http', url } } })
      const input = { type: 'promptString', id: 'hub-token', description: 'Token', password: true }
      return json({
        inputs: [input],
        servers: { hub: { type: 'http', url, ...bearer('${input:hub-token}') } },
      })
    },
  },
  {
    name: 'Cursor',
    place: '.cursor/mcp.json',
    language: 'json',
    write: (url, way) =>
      json({ mcpServers: { hub: { url, ...(way === 'token' && bearer('${env:HUB_TOKEN}')) } } }),
  },
  {
    name: 'Others',
    place: 'What most clients read',
    language: 'json',
    write: (url, way) =>
      json({
        mcpServers: { hub: { type: 'http', url, ...(way === 'token' && bearer('<token>')) } },
      }),
  },
  {
    name: 'Python',
    place: 'A program with the SDK, mcp',
    write: writePython,
  },
  {
    name: 'TypeScript',
    place: 'A program with the SDK, @modelcontextprotocol/client',
    write: writeTypeScript,
  },
  {
    name: 'OGX (Llama Stack)',
    place: 'A request to /v1/responses; the token is of whoever asks',
    language: 'json',
    write: (url) =>
      json({
        model: '<model>',
        input: 'Which deployments do not run, and why?',
        tools: [
          {
            type: 'mcp',
            server_label: 'hub',
            server_url: url,
            authorization: '<token>',
          },
        ],
      }),
  },
] as const satisfies readonly AgentClient[]

function writePython(url: string): string {
  return `import asyncio
import os

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main():
    headers = {"Authorization": f"Bearer {os.environ['HUB_TOKEN']}"}
    async with httpx2.AsyncClient(headers=headers) as http:
        async with Client(streamable_http_client("${url}", http_client=http)) as hub:
            answer = await hub.call_tool("list_deployments", {})
            print(answer.structured_content)


asyncio.run(main())`
}

function writeTypeScript(url: string): string {
  return `import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const client = new Client({ name: 'my-agent', version: '1' })
await client.connect(
  new StreamableHTTPClientTransport(new URL('${url}'), {
    requestInit: { headers: { Authorization: \`Bearer \${process.env.HUB_TOKEN}\` } },
  }),
)
console.log(await client.callTool({ name: 'list_deployments', arguments: {} }))`
}
