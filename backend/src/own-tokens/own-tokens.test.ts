import { createKubeClient, startApiServer, type ApiServer, type KubeClient } from '@hub/demo'
import { decodeJwt } from 'jose'
import { expect, test, vi } from 'vitest'
import { connectAgent } from '../../test/agent.ts'
import { readContents } from '../../test/database-contents.ts'
import { describeHub } from '../../test/describe-hub.ts'
import { socketOf, type Browser } from '../../test/hub.ts'
import { startTokenIssuer, type Claims, type TokenIssuer } from '../../test/token-issuer.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 50 }
const both = ['hub', 'kubernetes']
const spec = { model: { id: 'Qwen/Qwen3-8B' }, engine: { type: 'vllm' } }

let issuer: TokenIssuer
let cluster: ApiServer
let client: KubeClient
/** Every bearer that reached the API server. */
const arrived = new Set<string>()

describeHub(
  'clusters that know people by their own tokens',
  async ({ defer }) => {
    issuer = await startTokenIssuer()
    cluster = await startApiServer({
      webhooks: false,
      oidc: {
        issuer: issuer.issuer,
        audiences: ['kubernetes'],
        usernameClaim: 'sub',
        usernamePrefix: `${issuer.issuer}#`,
        keys: async () => [issuer.key().jwk],
      },
      onRequest: ({ headers }) => {
        const [, token] = /^Bearer (.*)$/.exec(headers.authorization ?? '') ?? []
        if (token !== undefined) arrived.add(token)
      },
    })
    client = createKubeClient(cluster.kubeconfig('client-certificate'))
    defer(() => Promise.all([issuer.stop(), cluster.stop(), client.close()]))
    const kubeconfig = cluster.kubeconfig('service-account-token')
    await prepare()
    return {
      credentials: { pass: kubeconfig, swap: kubeconfig, alone: kubeconfig },
      env: {
        JWT_ISSUERS: `${issuer.issuer};hub`,
        HUB_ACCESS_MODES: 'pass=passthrough,swap=exchange,alone=passthrough;rights:cluster',
        HUB_EXCHANGE_CLIENTS: 'swap=exchanger;exchange-s3cret',
        HUB_ADMINS: 'oidc:root',
        HUB_GRANTS: JSON.stringify([
          { principal: `service:ada@${issuer.issuer}`, role: 'deployer' },
          { principal: `service:bob@${issuer.issuer}`, role: 'deployer' },
          { principal: 'oidc:root', role: 'viewer' },
        ]),
      },
    }
  },
  (world) => {
    const nameOf = (subject: string) => `${issuer.issuer}#${subject}`
    /** A token that a program got for itself. */
    const tokenOf = (subject: string, claims: Claims = {}) =>
      issuer.sign({ sub: subject, azp: subject, aud: both, jti: subject, ...claims })
    const askOnce = async (token: string, path: string, init: RequestInit = {}) => {
      const headers = new Headers({ host: 'localhost:3001', authorization: `Bearer ${token}` })
      if (init.body) headers.set('content-type', 'application/json')
      const url = `http://localhost:3001${path}`
      const answer = await world.hub.app.request(
        url,
        { ...init, headers },
        socketOf('10.9.9.9', headers),
      )
      return { status: answer.status, headers: answer.headers, body: await readBody(answer) }
    }
    /** The hub gives a cluster two seconds to say what somebody may: where a busy machine takes longer, it is asked again. */
    const ask = async (...asked: Parameters<typeof askOnce>) => {
      for (;;) {
        const answer = await askOnce(...asked)
        if (!String(answer.body['detail']).includes('did not answer in time')) return answer
        world.hub.advance(6_000)
      }
    }
    const at = (instance: string, namespace = 'ml-team') =>
      `/api/instances/${instance}/namespaces/${namespace}/deployments`
    const profile = (clientId = 'kubernetes') => ({
      issuer: issuer.issuer,
      clientId,
      usernameClaim: 'sub',
    })
    const signInAsRoot = async (): Promise<Browser> => {
      const browser = world.hub.browser()
      await browser.signIn('root')
      return browser
    }
    const putProfile = async (id: string, body: object) => {
      const root = await signInAsRoot()
      expect((await root.send('PUT', `/api/instances/${id}/oidc`, body)).status).toBe(200)
    }
    const ready = async () => {
      for (const id of ['pass', 'swap', 'alone']) await putProfile(id, profile())
      await vi.waitFor(() => {
        for (const id of ['pass', 'swap', 'alone']) {
          expect(world.hub.fleet.instanceState(id).synced).toBe(true)
        }
      }, soon)
      world.hub.advance(31_000)
    }

    test('an instance of which nobody said whose tokens it takes is degraded, and says so', async () => {
      await vi.waitFor(() => {
        expect(world.hub.instances.find('pass')?.status).toMatchObject({
          state: 'degraded',
          reason: expect.stringContaining('set its OIDC profile'),
        })
      }, soon)
      const answer = await ask(await tokenOf('ada'), `${at('pass')}/qwen`)
      expect(answer).toMatchObject({ status: 403, body: { code: 'no-cluster-token' } })
      await ready()
      const root = await signInAsRoot()
      const preflight = await readBody(await root.get('/api/instances/pass/preflight'))
      expect(preflight['people']).toContain('"kubernetes" is in their audience')
    })

    test('passes a token on to a cluster that it is for, as its bearer', async () => {
      const token = await tokenOf('ada')
      const refused = await ask(token, `${at('pass')}/qwen`)
      expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } })
      expect(refused.body['detail']).toContain(`"${nameOf('ada')}"`)
      expect(refused.body['detail']).toContain(`--user='${nameOf('ada')}' --namespace=ml-team`)
      await bind('ada', nameOf('ada'))
      world.hub.advance(31_000)
      const read = await ask(token, `${at('pass')}/qwen`)
      expect(read).toMatchObject({ status: 200, body: { name: 'qwen' } })
      expect(read.headers.get('x-cluster-user')).toBe(`pass="${nameOf('ada')}"`)
      expect(arrived).toContain(token)
      const body = JSON.stringify({ name: `made-${world.dialect}`, spec })
      const made = await ask(token, at('pass'), { method: 'POST', body })
      // She may see, and no more: the words are the cluster's, the way out the hub's.
      expect(made).toMatchObject({ status: 403, body: { code: 'instance-forbidden' } })
      expect(made.body['detail']).toMatch(
        /cannot create resource "modeldeployments".*kubectl create/,
      )
    })

    test.each<[string, Claims, string]>([
      ['of another audience', { aud: ['hub', 'kubernetes2'] }, '"kubernetes"'],
      ['for the hub alone', { aud: 'hub' }, 'yours is for "hub"'],
      ['that almost has the audience', { aud: ['hub', 'kubernetes '] }, '"kubernetes"'],
    ])('keeps a token %s to itself', async (_, claims, words) => {
      const token = await tokenOf('ada', claims)
      for (const path of [`${at('pass')}/qwen`, `${at('pass')}/qwen/pods`]) {
        const answer = await ask(token, path)
        expect(answer).toMatchObject({ status: 403, body: { code: 'no-cluster-token' } })
        expect(answer.body['detail']).toContain(words)
      }
      const agent = await connectAgent(world.hub, token)
      const named = { instance: 'pass', namespace: 'ml-team', name: 'qwen' }
      expect((await agent.call('list_pods', named)).text).toContain(words)
      await agent.close()
      expect(arrived).not.toContain(token)
    })

    test('keeps a token of another issuer than the profile names, by a slash, to itself', async () => {
      await putProfile('pass', { ...profile(), issuer: `${issuer.issuer}/` })
      const token = await tokenOf('ada', { jti: 'slash' })
      const answer = await ask(token, `${at('pass')}/qwen`)
      expect(answer.body['detail']).toContain(`it trusts "${issuer.issuer}/"`)
      await putProfile('pass', profile())
      expect(answer.status).toBe(403)
    })

    test('shows no cluster an API token, and says what it takes', async () => {
      const root = await signInAsRoot()
      const made = await root.send('POST', '/api/auth/tokens', {
        name: 'ci',
        roleCeiling: 'viewer',
        expiresInDays: 1,
      })
      const [token = ''] = /hubpat_\w+/.exec(JSON.stringify(await made.json())) ?? []
      expect(token).not.toBe('')
      const answer = await ask(token, `${at('pass')}/qwen`)
      expect(answer).toMatchObject({ status: 403, body: { code: 'no-cluster-token' } })
      expect(answer.body['detail']).toContain('an API token of the hub is not one')
      expect(arrived).not.toContain(token)
    })

    test('shows the id_token of a sign-in to a cluster that it is for, until it ends', async () => {
      const { clientId, issuer: signInIssuer } = world.identityProvider
      const root = await signInAsRoot()
      const other = await root.get(`${at('pass')}/qwen`)
      expect((await readBody(other))['detail']).toContain(`yours is of "${signInIssuer}"`)
      await putProfile('pass', { issuer: signInIssuer, clientId, usernameClaim: 'sub' })
      const before = new Set(arrived)
      const shown = await root.get(`${at('pass')}/qwen`)
      // This cluster trusts another issuer: what it says of that is told, and the hub's own credential is not doubted.
      expect(await readBody(shown)).toMatchObject({
        code: 'instance-not-ready',
        detail: expect.stringContaining('does not take your token (401)'),
      })
      const [idToken] = [...arrived].filter((token) => !before.has(token))
      expect(decodeJwt(idToken!)).toMatchObject({ aud: clientId, sub: 'root' })
      expect(world.hub.instances.find('pass')?.status.state).not.toBe('unauthorized')
      world.hub.advance(6 * 60_000)
      const ended = await root.get(`${at('pass')}/qwen`)
      expect((await readBody(ended))['detail']).toMatch(/has ended.*sign in again/i)
      world.hub.advance(-6 * 60_000)
      await putProfile('pass', profile())
      const contents = JSON.stringify(await readContents(world.database.db))
      expect(contents).not.toContain(idToken)
    })

    test('renews what a session shows, by what the provider gave for that', async () => {
      const { answers, clientId, issuer: signInIssuer } = world.identityProvider
      await putProfile('pass', { issuer: signInIssuer, clientId, usernameClaim: 'sub' })
      await putProfile('swap', {
        issuer: signInIssuer,
        clientId: 'kubernetes',
        usernameClaim: 'sub',
      })
      answers.moreTokens = { refresh_token: 'r1', scope: 'openid offline_access' }
      const refreshes: string[] = []
      let aheadMs = 0
      const accessTokens: string[] = []
      answers.refreshed = (refreshToken) => {
        refreshes.push(refreshToken)
        const exp = Math.floor(Date.now() / 1000) + 3_600
        const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
        const claims = { iss: signInIssuer, aud: clientId, sub: 'root', exp }
        accessTokens.push(`${part({ alg: 'none' })}.${part(claims)}.c2ln`)
        return {
          claims: { sub: 'root', iat: Math.floor((Date.now() + aheadMs) / 1000), exp },
          tokens: { refresh_token: `r${refreshes.length + 1}`, access_token: accessTokens.at(-1) },
        }
      }
      const root = await signInAsRoot()
      aheadMs = world.hub.advance(10 * 60_000)
      const before = new Set(arrived)
      const many = Array.from({ length: 4 }, () => root.get(`${at('pass')}/qwen`))
      for (const answer of await Promise.all(many)) {
        expect((await readBody(answer))['detail']).toContain('does not take your token (401)')
      }
      // A refresh token that is shown twice ends the sign-in at providers that replace it.
      expect(refreshes).toEqual(['r1'])
      const shown = [...arrived].filter((token) => !before.has(token))
      expect(shown).toHaveLength(1)
      expect(decodeJwt(shown[0]!)).toMatchObject({ aud: clientId, sub: 'root' })
      // What is exchanged is the access token that came with it.
      answers.tokenError = { status: 400, body: { error: 'invalid_target' } }
      world.hub.advance(6_000)
      const refused = await root.get(`${at('swap')}/qwen`)
      expect((await readBody(refused))['detail']).toContain('invalid_target')
      answers.tokenError = null
      expect(refreshes).toEqual(['r1'])
      const written = world.hub.lines.join('')
      for (const token of [...shown, ...accessTokens, 'r1"', 'r2"']) {
        expect(written).not.toContain(token)
      }
      answers.refreshed = () => null
      answers.moreTokens = {}
      world.hub.advance(-10 * 60_000 - 6_000)
      for (const id of ['pass', 'swap']) await putProfile(id, profile())
    })

    test('exchanges a token once for all that ask, and for nobody else', async () => {
      const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds
      let lifeSeconds = 900
      issuer.setExchange(async (form) => {
        const { sub } = decodeJwt(form.get('subject_token')!)
        const token = await issuer.sign({
          sub: sub!,
          aud: form.get('audience')!,
          exp: inSeconds(lifeSeconds),
        })
        return { status: 200, body: { access_token: token, token_type: 'Bearer' } }
      })
      await bind('bob', nameOf('bob'))
      world.hub.advance(31_000)
      const [ada, bob] = [
        await tokenOf('ada', { aud: 'hub', exp: inSeconds(3_600) }),
        await tokenOf('bob', { aud: 'hub', exp: inSeconds(3_600) }),
      ]
      issuer.exchanges.length = 0
      const many = [ada, bob, ada, bob, ada, bob].map((token) => ask(token, `${at('swap')}/qwen`))
      for (const { headers, status } of await Promise.all(many)) {
        expect(status).toBe(200)
        expect(headers.get('x-cluster-user')).toMatch(/#(ada|bob)"$/)
      }
      expect(issuer.exchanges).toHaveLength(2)
      const [{ authorization, form }] = issuer.exchanges as [(typeof issuer.exchanges)[number]]
      expect(authorization).toBe(`Basic ${btoa('exchanger:exchange-s3cret')}`)
      expect(form.get('audience')).toBe('kubernetes')
      expect(arrived).not.toContain(ada)
      expect(arrived).not.toContain(bob)
      world.hub.advance(31_000)
      expect((await ask(ada, `${at('swap')}/qwen`)).status).toBe(200)
      expect(issuer.exchanges).toHaveLength(2)
      // Shortly before it ends another one is asked for.
      lifeSeconds = 3_600
      world.hub.advance(900_000)
      expect((await ask(ada, `${at('swap')}/qwen`)).status).toBe(200)
      expect(issuer.exchanges).toHaveLength(3)
      world.hub.advance(-931_000)
    })

    test('shows its secret in the form to an issuer that takes it in no other way', async () => {
      const endsAt = Math.floor(Date.now() / 1000) + 3_600
      issuer.setExchange(async (form) => {
        if (form.get('client_secret') !== 'exchange-s3cret') {
          return { status: 401, body: { error: 'invalid_client' } }
        }
        const { sub } = decodeJwt(form.get('subject_token')!)
        const token = await issuer.sign({ sub: sub!, aud: form.get('audience')!, exp: endsAt })
        return { status: 200, body: { access_token: token, token_type: 'Bearer' } }
      })
      const ada = await tokenOf('ada', { aud: 'hub', exp: endsAt, jti: 'by-form' })
      issuer.exchanges.length = 0
      expect((await ask(ada, `${at('swap')}/qwen`)).status).toBe(200)
      expect(issuer.exchanges.map(({ authorization }) => authorization !== undefined)).toEqual([
        true,
        false,
      ])
    })

    test('sends nobody’s token to the issuer of others, and says what an exchange lacks', async () => {
      const refusals: [object, string][] = [
        [{ error: 'invalid_target' }, 'does not give tokens for it to the client "exchanger"'],
        [
          {
            error: 'invalid_request',
            error_description: 'Requested audience not available: kubernetes',
          },
          'knows no "kubernetes"',
        ],
        [{ error: 'unauthorized_client' }, 'HUB_EXCHANGE_CLIENTS'],
        [{ error: 'access_denied' }, 'in the audience of your token'],
        [{ error: 'invalid_grant' }, 'Come with a new access token'],
      ]
      for (const [index, [body, words]] of refusals.entries()) {
        issuer.setExchange(async (form) => ({
          status: 400,
          body: { error_description: `bad ${form.get('subject_token')}`, ...body },
        }))
        const token = await tokenOf('ada', { aud: 'hub', jti: `refused-${index}` })
        const answer = await ask(token, `${at('swap')}/qwen`)
        expect(answer).toMatchObject({ status: 403, body: { code: 'no-cluster-token' } })
        expect(answer.body['detail']).toContain(words)
        expect(world.hub.lines.join('')).not.toContain(token)
      }
      issuer.setExchange(null)
      const token = await tokenOf('ada', { aud: 'hub', jti: 'away' })
      expect((await ask(token, `${at('swap')}/qwen`)).body['code']).toBe('instance-not-ready')
      issuer.exchanges.length = 0
      const root = await signInAsRoot()
      expect((await root.get(`${at('swap')}/qwen`)).status).toBe(403)
      expect(issuer.exchanges).toEqual([])
      expect(world.hub.lines.join('')).not.toContain('exchange-s3cret')
    })

    test('where the cluster decides alone, a person whom nobody knows comes in there alone', async () => {
      const asPerson = { azp: 'agent', jti: 'person' }
      const token = await tokenOf('nova', asPerson)
      const refused = await ask(token, `${at('alone')}/qwen`)
      expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } })
      await bind('nova', nameOf('nova'))
      world.hub.advance(31_000)
      expect((await ask(token, `${at('alone')}/qwen`)).status).toBe(200)
      const seen = await ask(token, '/api/deployments')
      const places = (seen.body['items'] as { instance: string; namespace: string }[]).map(
        ({ instance, namespace }) => `${instance}/${namespace}`,
      )
      expect(new Set(places)).toEqual(new Set(['alone/ml-team']))
      expect((await ask(token, `${at('alone', 'other')}/qwen`)).status).toBe(403)
      const hidden = await ask(token, `${at('pass')}/qwen`)
      const missing = await ask(token, `${at('none')}/qwen`)
      expect(hidden.status).toBe(404)
      expect(hidden.headers.get('x-cluster-user')).toBeNull()
      expect({ ...hidden.body, instance: '', detail: '', requestId: '' }).toEqual({
        ...missing.body,
        instance: '',
        detail: '',
        requestId: '',
      })
      for (const path of ['/api/admin/audit', '/api/auth/tokens', '/api/admin/credentials']) {
        expect((await ask(token, path)).status).toBe(403)
      }
      const agent = await connectAgent(world.hub, token)
      const self = await agent.call('who_am_i')
      expect(self.text).toContain('user:nova@')
      await agent.close()
      const ofHub = await ask(await tokenOf('nova', { ...asPerson, aud: 'hub' }), '/api/instances')
      expect(ofHub.body['detail']).toContain('does not know this person')
    })
  },
)

async function readBody(answer: Response): Promise<Record<string, unknown>> {
  return (await answer.json()) as Record<string, unknown>
}

async function bind(name: string, subject: string): Promise<void> {
  const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/ml-team/rolebindings'
  const metadata = { name, namespace: 'ml-team' }
  await client.request('DELETE', `${path}/${name}`).catch(() => undefined)
  await client.request('POST', path, {
    body: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'kubeairunway-hub-viewer',
      },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: subject }],
    },
  })
}

async function prepare(): Promise<void> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
  await client.request('POST', rbac, {
    body: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'kubeairunway-hub-viewer' },
      rules: [
        {
          apiGroups: ['airunway.ai'],
          resources: ['modeldeployments'],
          verbs: ['get', 'list', 'watch'],
        },
        { apiGroups: [''], resources: ['pods', 'events'], verbs: ['get', 'list', 'watch'] },
      ],
    },
  })
  for (const namespace of ['ml-team', 'other']) {
    await client.request('POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    })
    const path = `/apis/airunway.ai/v1alpha1/namespaces/${namespace}/modeldeployments`
    await client.request('POST', path, {
      body: {
        apiVersion: 'airunway.ai/v1alpha1',
        kind: 'ModelDeployment',
        metadata: { name: 'qwen' },
        spec,
      },
    })
  }
}
