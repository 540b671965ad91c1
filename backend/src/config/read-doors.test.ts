import { describe, expect, it } from 'vitest'
import { mistakesOf } from '../../test/config-mistakes.ts'
import { loadConfig } from './load-config.ts'
import type { Environment } from './read-variables.ts'

const hub: Environment = {
  HUB_MODE: 'true',
  SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
  ENABLED_AUTH_PROVIDERS: 'github',
  GITHUB_CLIENT_ID: 'hub',
  GITHUB_CLIENT_SECRET: 's',
}
const issuer = { OIDC_ISSUER_URL: 'https://id.example.com/realms/ai', OIDC_CLIENT_ID: 'gateway' }

describe('the doors of machines and agents in the configuration', () => {
  it('adds its issuer to those whose tokens are taken', () => {
    const { gateway, jwt } = loadConfig({ ...hub, ...issuer, GATEWAY_ACCESS: 'authenticated' })
    expect(gateway).toMatchObject({ access: 'authenticated', issuer: issuer.OIDC_ISSUER_URL })
    expect(jwt.issuers).toEqual([
      { issuer: issuer.OIDC_ISSUER_URL, audiences: ['gateway'], accessTokenSign: 'required' },
    ])
    const both = loadConfig({
      ...hub,
      ...issuer,
      JWT_ISSUERS: `${issuer.OIDC_ISSUER_URL};hub;at+jwt`,
    })
    expect(both.jwt.issuers).toEqual([
      {
        issuer: issuer.OIDC_ISSUER_URL,
        audiences: ['hub', 'gateway'],
        accessTokenSign: 'at+jwt',
      },
    ])
  })

  it.each(['AUTH_OIDC_ISSUER', 'AUTH_OIDC_ISSUER_URL'])(
    'takes the other names of its variables, with %s for the issuer, and says them in mistakes',
    (name) => {
      const others = { AUTH_ENABLE: 'true', [name]: issuer.OIDC_ISSUER_URL }
      const { gateway } = loadConfig({ ...hub, ...others, AUTH_OIDC_CLIENT_ID: 'gateway' })
      expect(gateway.issuer).toBe(issuer.OIDC_ISSUER_URL)
      expect(mistakesOf({ ...hub, ...others })).toEqual([
        expect.stringMatching(`^${name} is set, but OIDC_CLIENT_ID is not`),
      ])
    },
  )

  it('is open in local mode alone, and says what that means', () => {
    const { gateway, warnings } = loadConfig({ ENABLE_AUTH: 'false' })
    expect(gateway.isOpen).toBe(true)
    expect(warnings.join()).toMatch(/every process on this machine/)
    for (const name of ['ENABLE_AUTH', 'AUTH_ENABLED', 'AUTH_ENABLE']) {
      expect(mistakesOf({ ...hub, [name]: 'false' })).toEqual([
        expect.stringContaining('never answers for whoever comes'),
      ])
    }
  })

  it.each<[Environment, RegExp]>([
    [{ OIDC_ISSUER_URL: 'https://id.example.com' }, /^OIDC_ISSUER_URL is set, but OIDC_CLIENT_ID/],
    [{ OIDC_CLIENT_ID: 'x' }, /^OIDC_CLIENT_ID is set, but OIDC_ISSUER_URL is not/],
    [{ ...issuer, OIDC_ISSUER_URL: 'id.example.com' }, /not a URL/],
    [{ ...issuer, OIDC_ISSUER_URL: 'http://id.example.com' }, /does not use https/],
    [{ GATEWAY_ACCESS: 'authenticated' }, /nobody could be/],
    [{ GATEWAY_ACCESS: 'all' }, /must be grants or authenticated, not "all"/],
    [{ GROQ_API_KEY: 'k', GROQ_API_URL: 'http://groq.example.com/v1' }, /^GROQ_API_URL must be/],
    [{ GROQ_API_KEY: 'k', GROQ_API_URL: 'https://a:b@groq.example.com' }, /^GROQ_API_URL must be/],
    [{ GROQ_API_KEY: 'first\nsecond' }, /^GROQ_API_KEY must be one line of ASCII/],
    [{ GROQ_API_KEY: 'schlüssel' }, /^GROQ_API_KEY must be one line of ASCII/],
    [{ OLLAMA_API_KEY: 'k' }, /^OLLAMA_API_URL is missing/],
  ])('%j: a sentence says what is wrong', (env, sentence) => {
    expect(mistakesOf({ ...hub, ...env })).toEqual([expect.stringMatching(sentence)])
  })

  it('turns a provider outside on by its key', () => {
    const { gateway, warnings } = loadConfig({
      ...hub,
      GROQ_API_KEY: 'k',
      OPENAI_API_URL: 'https://proxy.example.com/v1/',
    })
    expect(gateway.providers).toEqual([
      {
        id: 'groq',
        apiKey: 'k',
        scheme: 'bearer',
        keyName: 'GROQ_API_KEY',
        tellsUsage: false,
        url: 'https://api.groq.com/openai/v1',
        file: null,
      },
    ])
    expect(warnings.join()).toContain('OPENAI_API_URL is set, but OPENAI_API_KEY is not')
  })

  it('adds further providers, with a key or without', () => {
    const { gateway, warnings } = loadConfig(
      {
        ...hub,
        GATEWAY_PROVIDERS:
          ' fireworks;https://api.fireworks.ai/inference/v1/ , my-lab ; http://localhost:8000/v1 ; x-api-key,free;https://free.example.com',
        FIREWORKS_API_KEY: 'k',
        MY_LAB_API_KEY_FILE: '/run/key',
      },
      (path) => `key from ${path}\n`,
    )
    const common = { scheme: 'bearer', tellsUsage: false, file: null }
    expect(gateway.providers).toEqual([
      {
        ...common,
        id: 'fireworks',
        apiKey: 'k',
        keyName: 'FIREWORKS_API_KEY',
        url: 'https://api.fireworks.ai/inference/v1',
      },
      {
        ...common,
        id: 'my-lab',
        apiKey: 'key from /run/key',
        keyName: 'MY_LAB_API_KEY',
        scheme: 'x-api-key',
        url: 'http://localhost:8000/v1',
      },
      {
        ...common,
        id: 'free',
        apiKey: null,
        keyName: 'FREE_API_KEY',
        url: 'https://free.example.com',
      },
    ])
    expect(warnings).toEqual([])
  })

  it.each([
    ['fireworks', /entry "fireworks", which is not whole\. Write <id>;<address>/],
    ['a;https://a.example.com;bearer', /is not whole/],
    ['a;https://a.example.com;x-api-key;b', /is not whole/],
    ['A;https://a.example.com', /whose id must be small letters/],
    ['a_b;https://a.example.com', /whose id must be small letters/],
    [';https://a.example.com', /whose id must be/],
    [
      'groq;https://a.example.com',
      /whose id is that of a provider that the hub knows: set GROQ_API_KEY, and GROQ_API_URL/,
    ],
    ['a;http://a.example.com', /whose address must be an https address/],
    ['a;https://a.example.com?key=x', /whose address must be an https address/],
    [
      'a;https://u:pass@a.example.com',
      /entry "a;https:\/\/…@a\.example\.com", whose address must be an https address/,
    ],
    ['a;https://a.example.com,a;https://b.example.com', /whose id stands there twice/],
  ])('GATEWAY_PROVIDERS=%s: a sentence says what is wrong', (value, sentence) => {
    expect(mistakesOf({ ...hub, GATEWAY_PROVIDERS: value })).toEqual([
      expect.stringMatching(sentence),
    ])
  })
})
