import { startApiServer, type ApiServer } from '@hub/demo'
import { expect, test, vi } from 'vitest'
import { describeHub } from '../test/describe-hub.ts'
import type { Browser } from '../test/hub.ts'
import { startTokenIssuer, type TokenIssuer } from '../test/token-issuer.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let issuer: TokenIssuer
let cluster: ApiServer

describeHub(
  "a cluster's own sign-in",
  async ({ defer }) => {
    ;[issuer, cluster] = await Promise.all([
      startTokenIssuer(),
      startApiServer({ webhooks: false }),
    ])
    defer(() => Promise.all([issuer.stop(), cluster.stop()]))
    return {
      credentials: {
        prod: cluster.kubeconfig('service-account-token'),
        twin: cluster.kubeconfig('service-account-token'),
      },
      env: {
        HUB_ADMINS: 'oidc:root',
        HUB_GRANTS: JSON.stringify([{ principal: 'oidc:ada', role: 'viewer' }]),
      },
    }
  },
  (world) => {
    const at = '/api/instances/prod'
    const signIn = async (subject: string): Promise<Browser> => {
      const browser = world.hub.browser()
      await browser.signIn(subject)
      return browser
    }
    const profile = {
      issuer: 'https://id.example.com',
      clientId: 'kubernetes',
      usernameClaim: 'preferred_username',
    }

    test('is said by administrators, and gives everybody a kubeconfig without a credential', async () => {
      const [root, ada] = [await signIn('root'), await signIn('ada')]
      expect((await ada.get(`${at}/kubeconfig`)).status).toBe(404)
      expect((await ada.send('PUT', `${at}/oidc`, profile)).status).toBe(403)
      const put = await root.send('PUT', `${at}/oidc`, profile)
      expect(put.status).toBe(200)
      const answer = await ada.get(`${at}/kubeconfig`)
      expect(answer.status).toBe(200)
      const { kubeconfig, username } = (await answer.json()) as Record<string, string>
      expect(username).toBe('https://id.example.com#<preferred_username>')
      expect(kubeconfig).toContain('--oidc-extra-scope=profile')
      expect(kubeconfig).toContain(cluster.url)
      expect(kubeconfig).not.toMatch(/token:|client-key|client-certificate/)
      const rows = (await (await root.get('/api/admin/audit?limit=20')).json()) as {
        items: { action: string }[]
      }
      expect(rows.items.map(({ action }) => action)).toContain('oidc-profile.put')
    })

    test('comes with what the cluster is told, for administrators alone', async () => {
      const [root, ada] = [await signIn('root'), await signIn('ada')]
      expect((await ada.get(`${at}/oidc/setup`)).status).toBe(403)
      const setup = (await (await root.get(`${at}/oidc/setup`)).json()) as { flags: string[] }
      expect(setup.flags).toContain('--oidc-username-claim=preferred_username')
      const binding = await root.get(`${at}/bindings/commands?user=ada&role=view`)
      expect(await binding.json()).toMatchObject({ subject: 'https://id.example.com#ada' })
      const both = await root.get(`${at}/bindings/commands?user=a&group=b&role=view`)
      expect(both.status).toBe(400)
    })

    test('says what the identity provider has to have, while it is typed', async () => {
      const [root, ada] = [await signIn('root'), await signIn('ada')]
      const side = async (query: Record<string, string>) =>
        (await (
          await root.get(`${at}/oidc/provider?${new URLSearchParams(query).toString()}`)
        ).json()) as { redirectUris: string[]; scopes: string[]; notes: string[] }
      expect(await side({ usernameClaim: 'email' })).toEqual({
        redirectUris: ['http://localhost:8000', 'http://localhost:18000'],
        scopes: ['openid', 'email'],
        notes: [expect.stringContaining('email_verified')],
      })
      const google = { usernameClaim: 'sub', issuer: 'https://accounts.google.com' }
      const { notes, scopes } = await side({ ...google, extraScopes: 'groups  openid' })
      expect(scopes).toEqual(['openid', 'groups'])
      expect(notes.join(' ')).toContain('client secret')
      expect((await side({ ...google, needsSecret: 'true' })).notes.join(' ')).not.toContain(
        'say that the profile needs one',
      )
      expect((await root.get(`${at}/oidc/provider?usernameClaim=sub&issuer=x`)).status).toBe(400)
      expect((await ada.get(`${at}/oidc/provider?usernameClaim=email`)).status).toBe(403)
    })

    test.each<[object | null, boolean, string]>([
      [null, true, 'has no OIDC profile'],
      [profile, false, 'in the same way'],
      [{ ...profile, server: 'https://other.example.com', extraScopes: ['x'] }, false, 'same way'],
      [{ ...profile, issuer: 'https://two.example.com' }, true, 'https://two.example.com'],
      [{ ...profile, clientId: 'two' }, true, 'as audiences'],
      [{ ...profile, usernameClaim: 'sub' }, true, 'by sub, with the prefix "https://id'],
      [{ ...profile, usernamePrefix: '-' }, true, 'without a prefix'],
      [{ ...profile, usernamePrefix: 'https://id.example.com#' }, false, 'same way'],
      [
        { ...profile, groupsClaim: 'groups', groupsPrefix: 'x:' },
        true,
        'groups differently: by groups',
      ],
    ])(
      'says of the other instance of its cluster, whose profile is %j, what differs',
      async (other, differs, words) => {
        const root = await signIn('root')
        expect((await root.send('PUT', `${at}/oidc`, profile)).status).toBe(200)
        const twin = '/api/instances/twin/oidc'
        const said = other === null ? root.send('DELETE', twin) : root.send('PUT', twin, other)
        expect((await said).ok).toBe(true)
        await vi.waitFor(
          async () => {
            const answer = await root.get(`${at}/oidc/same-cluster`)
            expect(await answer.json()).toEqual({
              items: [{ instance: 'twin', differs, detail: expect.stringContaining(words) }],
            })
          },
          { timeout: 20_000, interval: 100 },
        )
      },
    )

    test('an issuer is looked at as a cluster would', async () => {
      const root = await signIn('root')
      const verify = async (url: string) => {
        const response = await root.send('POST', `${at}/oidc/verify`, { ...profile, issuer: url })
        expect(response.status).toBe(200)
        const { items } = (await response.json()) as {
          items: { name: string; outcome: string; detail: string }[]
        }
        return Object.fromEntries(
          items.map(({ detail, name, outcome }) => [name, [outcome, detail]]),
        )
      }
      const good = await verify(issuer.issuer)
      expect(good['issuer']![0]).toBe('pass')
      expect(good['keys']![0]).toBe('pass')
      expect(good['https']![0]).toBe('fail')
      const slash = await verify(`${issuer.issuer}/`)
      expect(slash['issuer']).toEqual(['fail', expect.stringContaining('slash')])
      const gone = await verify(`${issuer.origin}/nothing`)
      expect(gone['discovery']![0]).toBe('fail')
      const metadata = await verify('https://169.254.169.254')
      expect(metadata['address']).toEqual(['fail', expect.stringContaining('link-local')])
    })

    test.each([
      ['redirect', 'leads elsewhere'],
      ['huge', 'larger than 1 MiB'],
      ['silent', 'within 5 s'],
      ['slow', 'within 5 s'],
      ['html', 'not JSON'],
      ['down', 'is answered with'],
    ] as const)('of an issuer that is %s, it is said what its document is', async (how, words) => {
      const root = await signIn('root')
      const provider = world.identityProvider
      provider.answers.misbehaves = { '/.well-known/openid-configuration': how }
      const answer = await root.send('POST', `${at}/oidc/verify`, {
        ...profile,
        issuer: provider.issuer,
      })
      provider.answers.misbehaves = {}
      const { items } = (await answer.json()) as { items: { name: string; detail: string }[] }
      expect(items.at(-1)).toMatchObject({
        name: 'discovery',
        detail: expect.stringContaining(words),
      })
    })

    test.each([
      [{ ...profile, issuer: 'id.example.com' }, '/issuer'],
      [{ ...profile, issuer: 'https://id.example.com?x=1' }, '/issuer'],
      [{ ...profile, usernameClaim: 'name' }, '/usernameClaim'],
      [{ ...profile, usernamePrefix: 'system:' }, '/usernamePrefix'],
    ])('%j is refused at its field', async (body, pointer) => {
      const root = await signIn('root')
      const response = await root.send('PUT', `${at}/oidc`, body)
      expect(response.status).toBe(400)
      const { errors } = (await response.json()) as { errors: { pointer: string }[] }
      expect(errors.map((each) => each.pointer)).toContain(pointer)
    })

    test('is forgotten by administrators', async () => {
      const root = await signIn('root')
      expect((await root.send('DELETE', `${at}/oidc`)).status).toBe(204)
      expect((await root.get(`${at}/oidc`)).status).toBe(404)
    })
  },
)
