import type { BatchAnswer } from '@hub/shared'
import { beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { describeHub } from '../test/describe-hub.ts'
import type { Browser } from '../test/hub.ts'

const grants = [
  { principal: 'oidc:bob', role: 'viewer', instanceId: 'prod-east', namespaces: ['ml-team'] },
]
const home = [
  '/api/auth/me',
  '/api/instances',
  '/api/deployments?status=attention&sort=instance&limit=3',
  '/api/fleet/map',
  '/api/fleet/history',
  '/api/fleet/activity?limit=10',
]
const addressOf = (...paths: readonly string[]) =>
  `/api/batch?${new URLSearchParams(paths.map((path) => ['get', path])).toString()}`

describeHub(
  'several reads in one request',
  { env: { HUB_GRANTS: JSON.stringify(grants) } },
  (world) => {
    let viewer: Browser

    beforeAll(async () => {
      viewer = world.hub.browser()
      await viewer.signIn('bob')
    })

    const answersTo = async (browser: Browser, paths: readonly string[]) => {
      const response = await browser.get(addressOf(...paths))
      expect(response.status).toBe(200)
      return ((await response.json()) as BatchAnswer).answers
    }
    const alone = (browser: Browser, paths: readonly string[]) =>
      Promise.all(
        paths.map(async (path) => {
          const response = await browser.get(path)
          return { status: response.status, body: (await response.json()) as object }
        }),
      )
    /** What is another one at every request. */
    const withoutIds = (answers: readonly { status: number; body: unknown }[]) =>
      answers.map(({ body, status }) => ({ status, body: { ...(body as object), requestId: '' } }))

    test('each is answered as alone, in their order', async () => {
      const together = await answersTo(viewer, home)
      expect(together.map(({ status }) => status)).toEqual(home.map(() => 200))
      expect(withoutIds(together)).toEqual(withoutIds(await alone(viewer, home)))
    })

    test('one that is refused or wrong fails alone, by the rules and with the words that it has alone', async () => {
      const paths = [
        '/api/admin/users',
        '/api/instances/prod-west',
        '/api/instances/prod-east/namespaces/secret-team/deployments/one',
        '/api/deployments?limit=0',
        '/api/instances',
      ]
      const together = await answersTo(viewer, paths)
      expect(together.map(({ status }) => status)).toEqual([403, 404, 403, 400, 200])
      expect(withoutIds(together)).toEqual(withoutIds(await alone(viewer, paths)))
    })

    test('a denial in it is a row of the audit log, of that read and by its own request id', async () => {
      const [denied] = await answersTo(viewer, ['/api/admin/users', '/api/instances'])
      const [row] = await selectAuditRows(world.database.db, 1)
      expect(row).toMatchObject({
        action: 'access.denied',
        actor: 'oidc:bob',
        requestId: (denied!.body as { requestId: string }).requestId,
      })
    })

    test('nobody reads anything by it', async () => {
      const response = await world.hub.browser().get(addressOf(...home))
      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({ code: 'unauthenticated' })
    })

    test('304 where all of it is as it was, and the whole where it is not', async () => {
      const address = addressOf('/api/instances', '/api/fleet/map')
      const first = await viewer.get(address)
      const etag = first.headers.get('etag')!
      expect(first.headers.get('cache-control')).toBe('private, no-cache')
      const again = (path: string) => viewer.request(path, { headers: { 'if-none-match': etag } })
      const second = await again(address)
      expect([second.status, await second.text()]).toEqual([304, ''])
      expect((await again(addressOf('/api/fleet/map', '/api/instances'))).status).toBe(200)
    })

    describe('what is no read that answers JSON makes the request invalid', () => {
      test.each([
        ['the stream', '/api/stream'],
        ['an export', '/api/admin/audit/export?format=jsonl'],
        ['itself', addressOf('/api/instances')],
        ['a write', '/api/auth/logout'],
        ['another page', '/login'],
        ['a model', '/v1/models'],
        ['what dots lead to', '/api/instances/../../livez'],
        ['another host', '//evil.example.com/api/instances'],
        ['a whole address', 'https://evil.example.com/api/instances'],
        ['nothing', ''],
      ])('%s', async (_what, path) => {
        const response = await viewer.get(addressOf('/api/instances', path))
        expect(response.status).toBe(400)
        expect(await response.json()).toMatchObject({
          code: 'invalid-request',
          errors: [{ pointer: '?get' }],
        })
      })

      test.each([0, 21])('%i of them', async (count) => {
        const paths = Array.from({ length: count }, () => '/api/instances')
        expect((await viewer.get(addressOf(...paths))).status).toBe(400)
      })
    })

    test('a token reads by it what it may alone, and one for models alone nothing', async () => {
      const make = async (fields: object) => {
        const input = { name: 'one', expiresInDays: 1, roleCeiling: 'viewer', ...fields }
        const made = await viewer.send('POST', '/api/auth/tokens', input)
        expect(made.status).toBe(201)
        return ((await made.json()) as { secret: string }).secret
      }
      const ask = async (secret: string) => {
        const headers = { authorization: `Bearer ${secret}` }
        return world.hub.browser().request(addressOf('/api/instances'), { headers })
      }
      const whole = await ask(await make({}))
      expect(await whole.json()).toMatchObject({ answers: [{ status: 200 }] })
      expect((await ask(await make({ isUseOnly: true }))).status).toBe(403)
    })
  },
)
