import { KnownGroupList, UserList } from '@hub/shared'
import { beforeAll, expect, test } from 'vitest'
import { describeHub } from '../../test/describe-hub.ts'
import { type Browser } from '../../test/hub.ts'

describeHub(
  'GET /api/admin/groups',
  {
    env: { HUB_ADMINS: 'oidc:root' },
  },
  (world) => {
    let admin: Browser

    beforeAll(async () => {
      admin = await signIn('root')
      await signIn('ann', ['ML-Team', '100%', 'a_b'])
      await signIn('bob', ['ML-Team', 'Bücher', '1000'])
      await signIn('cleo', ['ML-Team', 'Bücher', 'axb'])
    })

    const signIn = async (subject: string, groups?: string[]) => {
      const browser = world.hub.browser()
      const url = await browser.startLogin()
      world.identityProvider.answers.claims = (claims) => ({ ...claims, sub: subject, groups })
      expect((await browser.finishLogin(world.identityProvider.authorize(url))).status).toBe(303)
      return browser
    }
    const find = async (query: Record<string, string> = {}) => {
      const response = await admin.get(`/api/admin/groups?${new URLSearchParams(query).toString()}`)
      expect(response.status).toBe(200)
      return KnownGroupList.parse(await response.json()).items
    }

    test('lists groups that people are known to be in, most people first, then by name', async () => {
      const groups = await find()
      expect(groups.slice(0, 2)).toEqual([
        { provider: 'oidc', id: 'ML-Team', name: 'ML-Team', people: 3 },
        { provider: 'oidc', id: 'Bücher', name: 'Bücher', people: 2 },
      ])
      expect(groups.slice(2).map(({ people }) => people)).toEqual([1, 1, 1, 1])
      expect(await find({ limit: '1' })).toHaveLength(1)
      expect(await find({ provider: 'github' })).toEqual([])
    })

    test.each([
      ['ml-', ['ML-Team']],
      ['Bücher', ['Bücher']],
      ['100', ['100%', '1000']],
      ['100%', ['100%']],
      ['a_b', ['a_b']],
      ['!', []],
      ["' OR 1=1 --", []],
    ])('finds %j in names and ids, whatever letters mean to LIKE', async (q, ids) => {
      expect((await find({ q })).map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    })

    test('H4: groups follow who leaves one, and count a person with two identities once', async () => {
      await signIn('dan', ['Night-Shift', 'Day-Shift'])
      await signIn('dan-too', ['Night-Shift'])
      const shifts = async () =>
        (await find({ q: 'shift' })).map(({ id, people }) => `${id} ${people}`).toSorted()
      expect(await shifts()).toEqual(['Day-Shift 1', 'Night-Shift 2'])
      const users = UserList.parse(await (await admin.get('/api/admin/users?q=dan')).json()).items
      const [dan, too] = ['oidc:dan', 'oidc:dan-too'].map((principal) =>
        users.find(({ identities }) => identities[0]!.principal === principal)!,
      )
      const identities = `/api/admin/users/${dan!.id}/identities`
      const identityId = too!.identities[0]!.id
      expect((await admin.send('POST', identities, { identityId })).status).toBe(200)
      expect(await shifts()).toEqual(['Day-Shift 1', 'Night-Shift 1'])
      expect((await admin.send('DELETE', `${identities}/${identityId}`)).status).toBe(200)
      expect(await shifts()).toEqual(['Day-Shift 1', 'Night-Shift 2'])
      await signIn('dan', ['Night-Shift'])
      expect(await shifts()).toEqual(['Night-Shift 2'])
    })

    test('400 for what is no query', async () => {
      expect((await admin.get('/api/admin/groups?limit=1000')).status).toBe(400)
      expect((await admin.get('/api/admin/groups?provider=ldap')).status).toBe(400)
    })
  },
)
