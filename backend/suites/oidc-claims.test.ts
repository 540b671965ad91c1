import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createCertificateAuthority,
  createKubeClient,
  issueServerCertificate,
  startControlPlane,
  type ControlPlane,
} from '@hub/demo'
import type { OidcProfile, OidcProfileInput } from '@hub/shared'
import { describeSetup } from '../src/instances/oidc/describe-setup.ts'
import { readClaims } from '../src/instances/trials/read-claims.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../test/odd-identity-provider.ts'

const assets = process.env['KUBEBUILDER_ASSETS']

vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 })

const clientId = 'kubernetes'
type Seen = { username: string; groups: string[] } | null

/** Claims besides those of a good token; undefined leaves one out. */
const cases: [string, Record<string, unknown>][] = [
  ['nothing odd', {}],
  ['groups', { groups: ['ml', 'on call'] }],
  ['one group as text', { groups: 'ml' }],
  ['no groups', { groups: [] }],
  ['a group that is no text', { groups: ['ml', 7] }],
  ['groups that are an object', { groups: { ml: true } }],
  ['an address that is not verified', { email_verified: false }],
  ['a verification that is a text', { email_verified: 'true' }],
  ['an address of which nothing is said', { email_verified: undefined }],
  ['no address', { email: undefined }],
  ['an address that is a number', { email: 7 }],
  ['another audience', { aud: 'other' }],
  ['several audiences', { aud: ['other', clientId] }],
  ['another issuer', { iss: 'https://other.example.com' }],
  ['an end that is over', { exp: 1 }],
  ['no end', { exp: undefined }],
  ['a beginning that is far away', { nbf: 9_999_999_999 }],
  [
    'groups at another address',
    {
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { endpoint: 'https://127.0.0.1:1/groups' } },
    },
  ],
]

describe.skipIf(!assets)('what is read in a token is what a real API server makes of it', () => {
  let provider: OddIdentityProvider
  let authority: string
  let folder: string
  const clusters: Partial<Record<'flags' | 'file', ControlPlane>> = {}
  const profiles: Record<'flags' | 'file', OidcProfileInput> = {
    flags: {
      issuer: '',
      clientId,
      usernameClaim: 'email',
      usernamePrefix: 'oidc:',
      groupsClaim: 'groups',
      groupsPrefix: 'g:',
    },
    file: { issuer: '', clientId, usernameClaim: 'email', groupsClaim: 'groups' },
  }

  beforeAll(async () => {
    const ca = await createCertificateAuthority('identity provider')
    authority = ca.certificate
    provider = await startOddIdentityProvider({ tls: await issueServerCertificate(ca) })
    for (const profile of Object.values(profiles)) profile.issuer = provider.issuer
    folder = await mkdtemp(join(tmpdir(), 'hub-claims-'))
    const setupOf = (way: keyof typeof profiles) =>
      describeSetup({
        usernamePrefix: null,
        groupsPrefix: null,
        ...profiles[way],
      } as OidcProfile)
    const file = join(folder, 'ca.crt')
    await writeFile(file, authority)
    const configuration = join(folder, 'authentication.yaml')
    const written = parse(setupOf('file').authenticationConfiguration) as {
      jwt: { issuer: Record<string, unknown> }[]
    }
    written.jwt[0]!.issuer['certificateAuthority'] = authority
    await writeFile(configuration, stringify(written))
    clusters.flags = await startControlPlane({
      assets: assets!,
      apiServerFlags: [...setupOf('flags').flags, `--oidc-ca-file=${file}`],
    })
    clusters.file = await startControlPlane({
      assets: assets!,
      apiServerFlags: [`--authentication-config=${configuration}`],
    })
    // It reads the issuer's keys in its own time.
    for (const way of ['flags', 'file'] as const) {
      await vi.waitFor(async () => expect(await ask(way, await sign({}))).not.toBeNull(), {
        timeout: 60_000,
        interval: 500,
      })
    }
  })
  afterAll(async () => {
    for (const cluster of Object.values(clusters)) await cluster.stop()
    await provider?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const claimsOf = (more: Record<string, unknown>): Record<string, unknown> => {
    const now = Math.floor(Date.now() / 1000)
    const all = {
      iss: provider.issuer,
      aud: clientId,
      sub: '105',
      email: 'ada@example.com',
      email_verified: true,
      iat: now,
      exp: now + 600,
      ...more,
    }
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  }
  const sign = (more: Record<string, unknown>) => provider.signClaims(claimsOf(more))

  /** SelfSubjectReview; null where it answers 401. */
  const ask = async (way: 'flags' | 'file', token: string): Promise<Seen> => {
    const kubeconfig = parse(clusters[way]!.kubeconfig('client-certificate')) as {
      users: { user: unknown }[]
    }
    kubeconfig.users[0]!.user = { token }
    const client = createKubeClient(stringify(kubeconfig))
    try {
      const answer = await client.raw('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      })
      if (answer.status === 401) return null
      expect(answer.status).toBe(201)
      const { status } = answer.body as {
        status: { userInfo: { username: string; groups: string[] } }
      }
      const { groups, username } = status.userInfo
      return { username, groups: groups.filter((each) => each !== 'system:authenticated') }
    } finally {
      await client.close()
    }
  }

  describe.each(['flags', 'file'] as const)('by %s', (way) => {
    test.each(cases)('of a token with %s', async (_, more) => {
      const token = await sign(more)
      const { groups, username } = readClaims(claimsOf(more), profiles[way], {
        nonce: null,
        now: new Date(),
      })
      const predicted = username === null ? null : { username, groups }
      expect(await ask(way, token)).toEqual(predicted)
    })
  })
})
