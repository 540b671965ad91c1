import { beforeAll, expect, test } from 'vitest'
import { describeHub } from '../test/describe-hub.ts'
import { type Browser } from '../test/hub.ts'

describeHub(
  'control characters',
  {
    env: { HUB_ADMINS: 'oidc:root' },
  },
  (world) => {
    let root: Browser

    beforeAll(async () => {
      root = world.hub.browser()
      await root.signIn('root')
    })

    const cursor = Buffer.from(JSON.stringify(['a\0', 'b', 'c'])).toString('base64url')

    test.each([
      ['GET', '/api/admin/users?q=%00', '?q'],
      ['GET', '/api/admin/users?q=a%07', '?q'],
      ['GET', '/api/admin/groups?q=%00', '?q'],
      ['GET', '/api/admin/audit?q=%00', '?q'],
      ['GET', '/api/admin/audit?actor=%1b', '?actor'],
      ['GET', '/api/deployments?q=%00', '?q'],
      ['GET', `/api/admin/group-mappings?cursor=${cursor}`, '?cursor'],
      ['GET', '/api/admin/users/%00', '{path}'],
      ['GET', '/api/instances/%00/namespaces/x/deployments', '{path}'],
      ['DELETE', '/api/auth/tokens/%00', '{path}'],
      ['DELETE', '/api/auth/sessions/a%00b', '{path}'],
      ['DELETE', '/api/admin/users/%00/grants/%00', '{path}'],
    ] as const)('H37: 400 with the place for %s %s', async (method, path, pointer) => {
      const answer = method === 'GET' ? await root.get(path) : await root.send(method, path)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ code: 'invalid-request', errors: [{ pointer }] })
    })

    test.each([
      ['/api/access-requests', { role: 'viewer', namespaces: ['x'], minutes: 60 }, 'reason'],
      ['/api/auth/tokens', { roleCeiling: 'viewer', expiresInDays: 1 }, 'name'],
      ['/api/admin/group-mappings', { role: 'viewer', provider: 'oidc' }, 'groupId'],
      ['/api/admin/group-mappings', { role: 'viewer', groupId: 'g' }, 'groupName'],
    ])('H37: 400 with the pointer for %s %j and %s', async (path, body, field) => {
      for (const text of ['a\0b', 'a\u0007b', 'a\ud800b']) {
        const answer = await root.send('POST', path, { ...body, [field]: text })
        expect(answer.status).toBe(400)
        expect(await answer.json()).toMatchObject({
          code: 'invalid-request',
          errors: [{ pointer: `/${field}` }],
        })
      }
    })
  },
)
