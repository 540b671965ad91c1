import { startApiServer } from '@hub/demo'
import { ClusterSignIn, OidcKubeconfig, Problem } from '@hub/shared'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeHub } from '../../../test/describe-hub.ts'
import type { Browser } from '../../../test/hub.ts'
import { createSignInLinks } from './sign-in-links.ts'

const profile = {
  issuer: 'https://t.auth0.com/',
  clientId: 'kubernetes',
  usernameClaim: 'preferred_username',
  extraScopes: ['groups'],
}

describe('the link of a sign-in', () => {
  test('is of one instance, and of every secret that still counts', () => {
    const before = createSignInLinks(['old'.repeat(12)])
    const after = createSignInLinks(['new'.repeat(12), 'old'.repeat(12)])
    const link = before.of('prod')
    expect(link).toMatch(/^[\w-]{22}$/)
    expect(after.of('prod')).not.toBe(link)
    expect([after.isOf('prod', link), after.isOf('prod', after.of('prod'))]).toEqual([true, true])
    expect([after.isOf('other', link), after.isOf('prod', '')]).toEqual([false, false])
    expect(createSignInLinks(['new'.repeat(12)]).isOf('prod', link)).toBe(false)
  })
})

describeHub(
  "the sign-in of an instance, for kubectl's plugin",
  async ({ defer }) => {
    const cluster = await startApiServer()
    defer(() => cluster.stop())
    const kubeconfig = cluster.kubeconfig('client-certificate')
    return {
      env: { HUB_ADMINS: 'oidc:root' },
      credentials: { prod: kubeconfig, bare: kubeconfig },
    }
  },
  (world) => {
    let root: Browser
    let nobody: Browser

    beforeAll(async () => {
      ;[root, nobody] = [world.hub.browser(), world.hub.browser()]
      await root.signIn('root')
    })

    const put = () => root.send('PUT', '/api/instances/prod/oidc', profile)
    const linkOf = async () =>
      OidcKubeconfig.parse(await (await root.get('/api/instances/prod/kubeconfig')).json()).link
    const open = (instance: string, link: string) =>
      nobody.get(`/api/instances/${instance}/sign-in?link=${link}`)

    test('is told to whoever holds its link, without being signed in, and holds no credential', async () => {
      expect((await put()).status).toBe(200)
      const answer = await open('prod', await linkOf())
      expect(answer.status).toBe(200)
      const body: unknown = await answer.json()
      expect(body).toEqual(ClusterSignIn.parse(body))
      expect(body).toMatchObject({
        issuer: 'https://t.auth0.com/',
        clientId: 'kubernetes',
        scopes: ['profile', 'groups'],
        needsSecret: false,
        cluster: { server: expect.stringMatching(/^https:/), ca: expect.stringContaining('BEGIN') },
      })
      expect(JSON.stringify(body)).not.toMatch(/PRIVATE|"token|client-key/)
    })

    test('is the same 404 for an instance that is not there, a wrong link, and one without a sign-in', async () => {
      const right = await linkOf()
      const wrong = `${right.slice(0, -1)}${right.endsWith('A') ? 'B' : 'A'}`
      const links = createSignInLinks(world.hub.config.encryptionSecrets)
      expect(links.of('prod')).toBe(right)
      const asked = [
        ['prod', wrong],
        ['bare', right],
        ['bare', links.of('bare')],
        ['none', links.of('none')],
        ['none', right],
      ] as const
      const answers = await Promise.all(
        asked.map(async ([instance, link]) => {
          const answer = await open(instance, link)
          const { instance: path, requestId, ...problem } = Problem.parse(await answer.json())
          expect(path).toBe(`/api/instances/${instance}/sign-in`)
          expect(requestId).toBeTruthy()
          return { status: answer.status, problem }
        }),
      )
      expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
        new Set([JSON.stringify(answers[0])]),
      )
      expect(answers[0]!.status).toBe(404)
      expect(JSON.stringify(answers)).not.toContain('prod')
    })

    test('ends with the sign-in that it tells', async () => {
      const link = await linkOf()
      expect((await root.send('DELETE', '/api/instances/prod/oidc')).status).toBe(204)
      expect((await open('prod', link)).status).toBe(404)
      expect((await put()).status).toBe(200)
      expect((await open('prod', link)).status).toBe(200)
    })

    test('leaves its link out of the log', async () => {
      const link = await linkOf()
      await open('prod', link)
      expect(world.hub.lines.join('\n')).toContain('/api/instances/prod/sign-in')
      expect(world.hub.lines.join('\n')).not.toContain(link)
    })
  },
)
