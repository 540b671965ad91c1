import fc from 'fast-check'
import { parse, parseAllDocuments } from 'yaml'
import { describe, expect, it, test } from 'vitest'
import { execFileSync } from 'node:child_process'
import type { OidcProfile } from '@hub/shared'
import { describeBinding } from './describe-binding.ts'
import { describeSetup } from './describe-setup.ts'
import { predictUsername } from './predict-name.ts'
import { quoteWord } from './shell-words.ts'
import { writeKubeconfig } from './write-kubeconfig.ts'

const profile: OidcProfile = {
  issuer: 'https://accounts.google.com',
  clientId: 'kubernetes',
  usernameClaim: 'email',
  usernamePrefix: null,
  groupsClaim: null,
  groupsPrefix: null,
  extraScopes: [],
  needsSecret: false,
  server: null,
  source: 'manual',
  changedAt: '2026-11-28T00:00:00Z',
  changedBy: 'oidc:root',
}
const endpoint = { server: 'https://10.0.0.1:6443', ca: 'PEM', tlsServerName: 'kubernetes' }

describe('what an API server calls somebody', () => {
  test.each<[Partial<OidcProfile>, string, string]>([
    [{}, 'user@company.com', 'user@company.com'],
    [{ usernameClaim: 'sub' }, '105', 'https://accounts.google.com#105'],
    [
      { usernameClaim: 'preferred_username', issuer: 'https://t.auth0.com/' },
      'ada',
      'https://t.auth0.com/#ada',
    ],
    [{ usernameClaim: 'sub', usernamePrefix: '-' }, '105', '105'],
    [{ usernamePrefix: 'oidc:' }, 'user@company.com', 'oidc:user@company.com'],
  ])('%j: %s is %s', (more, value, name) => {
    expect(predictUsername({ ...profile, ...more }, value)).toBe(name)
  })
})

describe('a kubeconfig for signing in oneself', () => {
  it('holds how to sign in, and no credential', () => {
    const { fileName, kubeconfig, username } = writeKubeconfig('prod', profile, endpoint)
    expect(fileName).toBe('prod-oidc.yaml')
    expect(username).toBe('<email>')
    const { clusters, users } = parse(kubeconfig)
    expect(clusters[0].cluster).toEqual({
      server: 'https://10.0.0.1:6443',
      'certificate-authority-data': Buffer.from('PEM').toString('base64'),
      'tls-server-name': 'kubernetes',
    })
    expect(Object.keys(users[0].user)).toEqual(['exec'])
    expect(users[0].user.exec).toMatchObject({
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'kubectl-together_login',
      args: [
        'get-token',
        '--oidc-issuer-url=https://accounts.google.com',
        '--oidc-client-id=kubernetes',
        '--oidc-extra-scope=email',
        '--oidc-pkce-method=S256',
      ],
      interactiveMode: 'IfAvailable',
      provideClusterInfo: false,
    })
  })

  it('is one document with these values, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'grapheme' }),
        (clientId, issuer) => {
          const written = writeKubeconfig('prod', { ...profile, clientId, issuer }, endpoint)
          const documents = parseAllDocuments(written.kubeconfig)
          expect(documents).toHaveLength(1)
          const args = parse(written.kubeconfig).users[0].user.exec.args as string[]
          expect(args).toContain(`--oidc-client-id=${clientId}`)
          expect(args).toContain(`--oidc-issuer-url=${issuer}`)
        },
      ),
    )
  })
})

describe('what the API server is told', () => {
  it('is the same as flags and as a file, whose prefix is written out', () => {
    const { authenticationConfiguration, flags, scopes } = describeSetup({
      ...profile,
      usernameClaim: 'sub',
      groupsClaim: 'groups',
    })
    expect(flags).toEqual([
      '--oidc-issuer-url=https://accounts.google.com',
      '--oidc-client-id=kubernetes',
      '--oidc-username-claim=sub',
      '--oidc-groups-claim=groups',
    ])
    expect(scopes).toEqual(['openid'])
    expect(parse(authenticationConfiguration).jwt[0]).toMatchObject({
      issuer: { url: 'https://accounts.google.com', audiences: ['kubernetes'] },
      claimMappings: {
        username: { claim: 'sub', prefix: 'https://accounts.google.com#' },
        groups: { claim: 'groups', prefix: '' },
      },
    })
  })

  it('lets no token name what is Kubernetes’ own, and says what is written down', () => {
    const { auditPolicy, authenticationConfiguration } = describeSetup(profile)
    const { userValidationRules } = parse(authenticationConfiguration).jwt[0]
    expect(userValidationRules.map((rule: { expression: string }) => rule.expression)).toEqual([
      "!user.username.startsWith('system:')",
      "user.groups.all(group, !group.startsWith('system:'))",
    ])
    const { rules } = parse(auditPolicy)
    // What comes to the last rule names who did what; what secrets say is written down by none before it.
    expect(rules.at(-1)).toEqual({ level: 'Metadata' })
    const ofSecrets = rules.find(({ resources = [] }: { resources?: { resources?: string[] }[] }) =>
      resources.some((each) => each.resources?.includes('secrets')),
    )
    expect(ofSecrets.level).toBe('Metadata')
  })

  it('names the two objects of an OpenShift, and which of them has its API server take tokens', () => {
    const { openShift } = describeSetup({ ...profile, usernameClaim: 'sub', groupsClaim: 'groups' })
    expect(parse(openShift.oAuth).spec.identityProviders[0]).toMatchObject({
      type: 'OpenID',
      openID: {
        issuer: profile.issuer,
        clientID: 'kubernetes',
        claims: { preferredUsername: ['sub'], groups: ['groups'] },
      },
    })
    expect(parse(openShift.authentication).spec.oidcProviders[0]).toMatchObject({
      issuer: { issuerURL: profile.issuer, audiences: ['kubernetes'] },
      claimMappings: {
        username: { claim: 'sub', prefix: { prefixString: `${profile.issuer}#` } },
        groups: { claim: 'groups', prefix: '' },
      },
    })
    expect(openShift.notes[0]).toContain('does not take the provider’s tokens')
    const byEmail = parse(describeSetup(profile).openShift.authentication)
    expect(byEmail.spec.oidcProviders[0].claimMappings.username).toEqual({
      claim: 'email',
      prefixPolicy: 'NoPrefix',
    })
  })

  it('comes with what is particular about a provider', () => {
    const notes = (issuer: string) => describeSetup({ ...profile, issuer }).notes.join(' ')
    const tenant = '/11111111-2222-3333-4444-555555555555/v2.0'
    expect(notes(`https://login.microsoftonline.com${tenant}`)).toContain('200 groups')
    expect(notes(`https://login.microsoftonline.com${tenant}`)).not.toContain('the issuer is')
    expect(notes('https://login.microsoftonline.com/common/v2.0')).toContain('<tenant id>')
    expect(notes('https://id.example.com/realms/ai')).toContain('Keycloak')
    expect(notes('https://x.auth0.com')).toContain('slash')
    expect(notes('https://x.auth0.com/')).not.toContain('slash')
    expect(notes('https://x.okta.com')).toContain('/oauth2/default')
    expect(notes('https://accounts.google.com')).toContain('client secret')
  })
})

describe('a role for somebody', () => {
  it('is a command and an object of the same name, for the same subject', () => {
    const made = describeBinding(profile, { user: 'user@company.com', role: 'view' })
    expect(made.create).toBe(
      `kubectl create clusterrolebinding ${made.name} --clusterrole=view --user=user@company.com`,
    )
    expect(made.remove).toBe(`kubectl delete clusterrolebinding ${made.name}`)
    expect(parse(made.yaml)).toMatchObject({
      kind: 'ClusterRoleBinding',
      metadata: { name: made.name },
      subjects: [{ kind: 'User', name: 'user@company.com' }],
    })
    const there = describeBinding(profile, { group: 'ml', role: 'edit', namespace: 'team' })
    expect(there.create).toContain('kubectl create rolebinding')
    expect(there.create).toContain('--namespace=team')
    expect(parse(there.yaml).metadata.namespace).toBe('team')
  })

  it('says where the value is that of another claim', () => {
    expect(
      describeBinding(profile, {
        user: 'https://accounts.google.com#105010678054620911233',
        role: 'view',
      }).notes[0],
    ).toContain('looks like a sub')
    expect(
      describeBinding({ ...profile, usernameClaim: 'sub' }, { user: 'a@b.c', role: 'view' })
        .notes[0],
    ).toContain('looks like an e-mail')
  })

  it('takes a name with its prefix as that name, and refuses what is Kubernetes’ own', () => {
    const sub = { ...profile, usernameClaim: 'sub' as const }
    const name = 'https://accounts.google.com#105'
    expect(describeBinding(sub, { user: name, role: 'view' }).subject).toBe(name)
    expect(describeBinding(sub, { user: '105', role: 'view' }).subject).toBe(name)
    expect(() => describeBinding(profile, { group: 'system:masters', role: 'view' })).toThrow(
      /keeps for itself/,
    )
  })

  it('reaches a shell as one word, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0') && text !== ''),
        (text) => {
          const said = execFileSync('/bin/sh', ['-c', `printf %s ${quoteWord(text)}`])
          expect(said.toString('utf8')).toBe(text)
        },
      ),
      { numRuns: 40 },
    )
  })
})
