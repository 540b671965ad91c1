import { createCertificateAuthority, issueClientCertificate } from '@hub/demo'
import { describe, expect, test } from 'vitest'
import type { KubeconfigPolicy } from './kubeconfig-policy.ts'
import { checkToken, readUser } from './read-user.ts'
import { Refusal } from './refusal.ts'

const policy: KubeconfigPolicy = {
  allowLoopback: false,
  allowInsecureTls: false,
  execPlugins: 'any',
}
const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'login' }
const read = (user: Record<string, unknown>, content = 'from-file') =>
  readUser(user, policy, () => content)

function refusalOf(run: () => unknown): { reason: string; fix: string } | null {
  try {
    run()
    return null
  } catch (error) {
    if (error instanceof Refusal) return { reason: error.message, fix: error.fix }
    throw error
  }
}

describe('a token', () => {
  test('is without the spaces around it', () => {
    expect(read({ token: ' t\n' }).credential).toEqual({ token: 't', clientCertificate: null })
    expect(checkToken('!~', 'token')).toBe('!~')
  })

  test.each(['a b', 'a\nb', 'a\u0000', 'ä', 'a\u007f', '\u20ac', 'äb'])('cannot be %j', (token) => {
    expect(refusalOf(() => checkToken(token, 'token'))?.reason).toMatch(/holds spaces or other/)
  })

  test.each(['', ' ', '\n\t'])('%j is none', (token) => {
    expect(refusalOf(() => checkToken(token, 'token'))?.reason).toBe(
      'The user\'s "token" is empty.',
    )
  })

  test('of a file wins over the one beside it, and is renewed', () => {
    const fromFile = read({ token: 'inline', tokenFile: 'token' })
    expect(fromFile).toMatchObject({ credential: { token: 'from-file' }, isTokenRenewed: true })
    expect(read({ token: 'inline' })).toMatchObject({
      credential: { token: 'inline' },
      exec: null,
      isTokenRenewed: false,
    })
    expect(refusalOf(() => read({ tokenFile: 'token' }, 'a b'))?.reason).toMatch(
      /"tokenFile" holds/,
    )
  })

  test('that is masked is said to be that, and a file may hold such a word', () => {
    expect(refusalOf(() => read({ token: 'REDACTED' }))?.reason).toMatch(/is masked/)
    expect(read({ tokenFile: 'token' }, 'REDACTED').credential.token).toBe('REDACTED')
  })
})

describe('a user', () => {
  test('proves who they are in one way', () => {
    expect(read({ exec })).toMatchObject({
      credential: { token: null, clientCertificate: null },
      exec: { command: 'login' },
      isTokenRenewed: true,
    })
    expect(refusalOf(() => read({ exec, token: 't' }))?.reason).toMatch(/as well\.$/)
    expect(refusalOf(() => read({ exec, tokenFile: 'f' }))?.reason).toMatch(/as well\.$/)
    expect(refusalOf(() => read({}))?.reason).toMatch(/neither a token nor a client certificate/)
  })

  test('may prove it by a client certificate, alone or beside a token, but for a program', async () => {
    const authority = await createCertificateAuthority('test')
    const client = await issueClientCertificate(authority, { user: 'someone' })
    const pair = {
      'client-certificate-data': Buffer.from(client.certificate).toString('base64'),
      'client-key-data': Buffer.from(client.privateKey).toString('base64'),
    }
    const clientCertificate = { certificate: client.certificate.trim(), key: client.privateKey }
    expect(read(pair).credential).toEqual({ token: null, clientCertificate })
    expect(read({ ...pair, token: 't' }).credential).toEqual({ token: 't', clientCertificate })
    expect(refusalOf(() => read({ ...pair, exec }))?.reason).toMatch(/as well\.$/)
  })

  test.each(['username', 'password', 'auth-provider', 'token-file'])('cannot have %s', (field) => {
    expect(refusalOf(() => read({ token: 't', [field]: 'x' }))).not.toBeNull()
    expect(read({ token: 't', [field]: '' }).credential.token).toBe('t')
  })

  test.each([
    ['client-certificate-data', 'client-key-data'],
    ['client-key-data', 'client-certificate-data'],
  ])('with a %s needs a %s', (has, misses) => {
    expect(refusalOf(() => read({ [has]: 'YQ==' }))?.reason).toMatch(`"${misses}" is missing`)
  })

  test('is nobody else: what would impersonate is named and ignored', () => {
    const fields = { as: 'root', 'as-groups': ['a'], 'as-uid': 'b' }
    expect(read({ token: 't', ...fields }).warnings).toEqual([
      'Impersonation in the kubeconfig is ignored: as, as-groups, as-uid.',
    ])
    expect(read({ token: 't', assume: 'x', alias: 'y', 'has-as-x': 'z' }).warnings).toEqual([])
  })
})
