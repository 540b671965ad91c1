import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { databases, type TestDatabase } from '../test/databases.ts'
import { hubOrigin, startHub, type TestHub } from '../test/hub.ts'
import { joinKeycloak } from '../test/join-keycloak.ts'
import type { HubRealm } from '../test/keycloak.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 150_000 })

const run = promisify(execFile)
const folder = fileURLToPath(new URL('../../deploy/inference-gateway', import.meta.url))
const home = process.env['KEYCLOAK_HOME']

/** The gateway's tutorial, with its own files and a real Keycloak; host and port alone are others. */
describe.skipIf(!home)('the tutorial of the gateway', () => {
  let keycloak: HubRealm
  let database: TestDatabase
  let hub: TestHub
  let origin: string
  let issuer: string
  const groq: { authorization: string | undefined; body: string }[] = []
  const ends: (() => unknown)[] = []

  beforeAll(async () => {
    ;[keycloak, database] = await Promise.all([
      joinKeycloak({ redirectUri: `${hubOrigin}/api/auth/callback/oidc` }),
      databases[0].open(),
    ])
    const realm = JSON.parse(await readFile(`${folder}/keycloak/realm.json`, 'utf8')) as object
    await importRealm(realm)
    issuer = `${keycloak.url}/realms/inference-gateway-realm`
    const configured = parse(await readFile(`${folder}/configmap.yaml`, 'utf8')) as {
      data: Record<string, string>
    }
    const secret = parse(await readFile(`${folder}/secret.yaml`, 'utf8')) as {
      stringData: Record<string, string>
    }
    const own = ['PORT', 'HOST', 'DATABASE_URL', 'CREDENTIALS_PATH']
    const given = Object.entries({ ...configured.data, ...secret.stringData })
    hub = await startHub({
      db: database.db,
      env: {
        ENABLED_AUTH_PROVIDERS: '',
        OIDC_PROVIDER_ISSUER: '',
        OIDC_PROVIDER_CLIENT_ID: '',
        ...Object.fromEntries(given.filter(([name]) => !own.includes(name))),
        OIDC_ISSUER_URL: issuer,
        HUB_ALLOW_HTTP_ISSUERS: issuer,
        GROQ_API_KEY: 'a-key-of-nobody',
        GROQ_API_URL: await startGroq(),
      },
    })
    const server = createServer(getRequestListener(hub.app.fetch, { hostname: 'localhost:8080' }))
    origin = await listen(server)
  })
  afterAll(async () => {
    for (const end of ends.toReversed()) await end()
    await hub?.stop()
    await database?.dispose()
  })

  const listen = async (server: ReturnType<typeof createServer>) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ends.push(() => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  const startGroq = async () => {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
      const { authorization } = request.headers
      response.writeHead(200, { 'content-type': 'application/json' })
      if (request.url === '/models') {
        return void response.end('{"object":"list","data":[{"id":"llama-3.2-3b-preview"}]}')
      }
      groq.push({ authorization, body: Buffer.concat(chunks).toString('utf8') })
      return void response.end(
        '{"object":"chat.completion","choices":[{"message":{"content":"Fast."}}]}',
      )
    })
    return listen(server)
  }

  const importRealm = async (realm: object) => {
    const admin = await json(`${keycloak.url}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: 'admin-cli',
        username: 'admin',
        password: keycloak.adminPassword,
      }),
    })
    const made = await fetch(`${keycloak.url}/admin/realms`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${admin['access_token'] as string}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(realm),
    })
    // One that an earlier try of this suite made is the same.
    expect([201, 409]).toContain(made.status)
  }

  /** A line of the tutorial in a shell, with the addresses of this run. */
  const shell = async (line: string, env: Record<string, string> = {}) => {
    const here = line
      .replaceAll(/-H "Host: keycloak\.keycloak:8080" /g, '')
      .replaceAll('http://localhost:8080/realms', `${keycloak.url}/realms`)
      .replaceAll('http://localhost:8080/v1', `${origin}/v1`)
      .replaceAll(/ \| jq (?:-r '\.access_token'|\.)/g, '')
    const { stdout } = await run('bash', ['-c', here], {
      env: { PATH: process.env['PATH'], ...env },
    })
    return stdout
  }

  test('without a token it says so, with the token of the tutorial it lets in, and Groq answers', async () => {
    expect(await shell('curl -s -X GET http://localhost:8080/v1/models')).toBe(
      'Authorization header missing',
    )
    const token = await shell(
      `curl -s -X POST -H "Host: keycloak.keycloak:8080" "http://localhost:8080/realms/inference-gateway-realm/protocol/openid-connect/token" \\
  -H "Content-Type: application/x-www-form-urlencoded" \\
  -d "client_id=inference-gateway-client" \\
  -d "client_secret=your-client-secret" \\
  -d "grant_type=client_credentials" | jq -r '.access_token'`,
    )
    const { access_token: ACCESS_TOKEN } = JSON.parse(token) as { access_token: string }
    const models = await shell(
      'curl -s -X GET -H "Authorization: Bearer $ACCESS_TOKEN" http://localhost:8080/v1/models',
      { ACCESS_TOKEN },
    )
    const model = { object: 'model', created: 0, owned_by: 'groq' }
    expect(JSON.parse(models)).toEqual({
      object: 'list',
      data: [{ ...model, id: 'groq/llama-3.2-3b-preview' }],
    })
    const answer = await shell(
      `curl -s -X POST -H "Authorization: Bearer $ACCESS_TOKEN" http://localhost:8080/v1/chat/completions?provider=groq -d '{"model": "llama-3.2-3b-preview", "messages": [{"role": "user", "content": "Explain the importance of fast language models. Keep it short and concise."}]}' | jq .`,
      { ACCESS_TOKEN },
    )
    expect(JSON.parse(answer)).toMatchObject({ choices: [{ message: { content: 'Fast.' } }] })
    expect(groq).toHaveLength(1)
    expect(groq[0]!.authorization).toBe('Bearer a-key-of-nobody')
    expect(JSON.parse(groq[0]!.body)).toMatchObject({ model: 'llama-3.2-3b-preview' })
  })

  test('a token of another realm is for somebody else', async () => {
    const response = await fetch(`${origin}/v1/models`, {
      headers: { authorization: `Bearer ${await otherToken()}`, accept: 'application/json' },
    })
    expect(response.status).toBe(401)
  })

  const otherToken = async () => {
    const answer = await json(`${keycloak.url}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: 'admin-cli',
        username: 'admin',
        password: keycloak.adminPassword,
      }),
    })
    return answer['access_token'] as string
  }
})

async function json(url: string, init: RequestInit): Promise<Record<string, unknown>> {
  const response = await fetch(url, init)
  return (await response.json()) as Record<string, unknown>
}
