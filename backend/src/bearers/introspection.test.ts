import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import type { IntrospectionConfig } from '#config'
import { quietLog } from '../../test/quiet-log.ts'
import { createIntrospection } from './introspection.ts'

const issuer = 'https://id.example.com/realms/ai'
const now = new Date('2030-01-31T10:00:00Z')
const inAnHour = now.getTime() / 1000 + 3_600
const config = {
  issuer,
  clientId: 'gate way',
  credential: { type: 'secret' as const, secret: 's:1%é' },
}
const active = { active: true, client_id: 'app', sub: 'ada', aud: ['gate way'], exp: inAnHour }

/** An issuer that answers this, and what it was asked. */
function world(
  answer: unknown,
  {
    by = config,
    document = {},
    status = 200,
    wantsForm = false,
  }: {
    by?: IntrospectionConfig
    document?: object
    status?: number
    wantsForm?: boolean
  } = {},
) {
  const asked: { authorization: string | null; form: string }[] = []
  const lines: string[] = []
  const fetchImpl = (async (url: string, init: RequestInit) => {
    if (url.endsWith('/.well-known/openid-configuration')) {
      const endpoint = { introspection_endpoint: `${issuer}/introspect` }
      return Response.json({ issuer, ...endpoint, ...document })
    }
    const { authorization } = init.headers as Record<string, string>
    const form = init.body as URLSearchParams
    asked.push({
      authorization: authorization ?? null,
      form: form.toString(),
    })
    if (wantsForm && !form.has('client_secret')) {
      return Response.json({ error: 'invalid_client' }, { status: 401 })
    }
    return Response.json(answer, { status })
  }) as typeof fetch
  const log = { ...quietLog, info: (_: unknown, line: string) => void lines.push(line) }
  const introspection = createIntrospection({
    config: by,
    fetch: fetchImpl,
    now: () => now,
    log: log as typeof quietLog,
  })
  return { asked, lines, verify: (token = 'opaque') => introspection.verify(token) }
}

describe('a token that is no JWT', () => {
  test('is what its issuer says of it, asked with the secret and nothing else', async () => {
    const { asked, verify } = world(active)
    expect(await verify('a+b')).toEqual({
      issuer,
      subject: 'ada',
      clientId: 'app',
      isProgram: false,
      entra: null,
      audiences: [config.clientId],
      expiresAt: new Date(inAnHour * 1000),
    })
    const pair = Buffer.from('gate+way:s%3A1%25%C3%A9').toString('base64')
    expect(asked).toEqual([
      { authorization: `Basic ${pair}`, form: 'token=a%2Bb&token_type_hint=access_token' },
    ])
  })

  test.each([
    ['says so', { introspection_endpoint_auth_methods_supported: ['client_secret_post'] }, 2],
    ['does not say so', {}, 3],
  ])(
    'is asked about with the secret in the form, where the issuer takes no other way and %s',
    async (_, document, times) => {
      const { asked, verify } = world(active, { document, wantsForm: true })
      expect(await verify()).toMatchObject({ subject: 'ada' })
      // From then on it is known.
      expect(await verify('another')).toMatchObject({ subject: 'ada' })
      expect(asked).toHaveLength(times)
      expect(asked.at(-1)).toEqual({
        authorization: null,
        form: 'token=another&token_type_hint=access_token&client_id=gate+way&client_secret=s%3A1%25%C3%A9',
      })
    },
  )

  test('is asked about with an assertion for its issuer, where the hub has a key', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'introspection-'))
    try {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const path = join(folder, 'key.pem')
      await writeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }))
      const variable = 'OIDC_CLIENT_KEY_FILE'
      const by = { ...config, credential: { type: 'key' as const, variable, path } }
      const { asked, verify } = world(active, { by })
      expect(await verify()).toMatchObject({ subject: 'ada' })
      const [{ authorization, form }] = asked as [(typeof asked)[0]]
      const sent = new URLSearchParams(form)
      expect([authorization, sent.get('client_id')]).toEqual([null, config.clientId])
      await jwtVerify(sent.get('client_assertion')!, publicKey, {
        audience: issuer,
        issuer: config.clientId,
        subject: config.clientId,
        currentDate: now,
      })
      await rm(path)
      await expect(verify('other')).rejects.toMatchObject({
        code: 'provider-unavailable',
        cause: { message: `${variable} names ${path}, which cannot be read (ENOENT)` },
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('is a program where no person stands behind it', async () => {
    const { sub: _, ...program } = active
    expect(await world(program).verify()).toMatchObject({ subject: 'app', isProgram: true })
  })

  test('without an end is good for a minute', async () => {
    const { exp: _, ...endless } = active
    const { expiresAt } = await world(endless).verify()
    expect(expiresAt).toEqual(new Date(now.getTime() + 60_000))
  })

  test.each([
    ['not active', { active: false }],
    ['nothing that says so', { sub: 'ada', aud: 'gate way' }],
    ['"true" as a text', { ...active, active: 'true' }],
    ['for another audience', { ...active, aud: 'other' }],
    ['without an audience, of another client', { ...active, aud: undefined }],
    ['of another issuer', { ...active, iss: 'https://other.example.com' }],
    ['expired', { ...active, exp: now.getTime() / 1000 }],
    ['of nobody', { ...active, sub: undefined, client_id: undefined }],
    ['bound to a key', { ...active, token_type: 'DPoP', cnf: { jkt: 'k' } }],
    ['of another type', { ...active, token_type: 'DPoP' }],
    ["a refresh token, as Ory's", { ...active, token_use: 'refresh_token' }],
    ["a refresh token, as others'", { ...active, aud: undefined, client_id: config.clientId }],
    ['no JSON object', 'active'],
  ])('%s: refused', async (_, answer) => {
    await expect(world(answer).verify()).rejects.toThrow(
      /not active|not for|another issuer|expired|its sub|bound to a key|bearer access token/,
    )
  })

  test("of the hub's own client needs no audience", async () => {
    const own = { ...active, aud: undefined, client_id: config.clientId, token_type: 'Bearer' }
    expect(await world(own).verify()).toMatchObject({ subject: 'ada' })
  })

  test.each([
    ['is not known there', { status: 401 }, 'provider-unavailable'],
    [
      'is to be asked without TLS',
      { document: { introspection_endpoint: 'http://id.example.com/i' } },
      'provider-unavailable',
    ],
    [
      'is asked at another issuer',
      { document: { issuer: 'https://other.example.com' } },
      'provider-unavailable',
    ],
  ])('the hub %s: refused, and nothing is let in', async (_, options, code) => {
    await expect(world(active, options).verify()).rejects.toMatchObject({ code })
  })

  test('of an issuer that offers no introspection is none, and the log says once that the secret is unused', async () => {
    const { asked, lines, verify } = world(active, {
      document: { introspection_endpoint: undefined },
    })
    await expect(verify()).rejects.toThrow('offers no introspection')
    await expect(verify()).rejects.toThrow('offers no introspection')
    expect(asked).toEqual([])
    expect(lines).toEqual([expect.stringContaining('OIDC_CLIENT_SECRET is not used')])
  })
})
