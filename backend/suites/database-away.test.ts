import { expect, test } from 'vitest'
import { describeGatedHub } from '../test/describe-gated-hub.ts'

describeGatedHub('a hub whose database is out of reach', (world) => {
  test('says so with 503, lets nobody in meanwhile, tells no secret, and goes on when it is back', async () => {
    const root = world.hub.browser()
    await root.signIn('root')
    const viewer = world.hub.browser()
    await viewer.signIn('eve')
    await world.gate.shut()
    // What is known of sessions counts as long as changes of them would be heard.
    await expect
      .poll(async () => (await root.get('/api/instances')).status, { timeout: 20_000 })
      .toBe(503)

    const answers = {
      list: await root.get('/api/instances'),
      change: await root.send('POST', '/api/admin/group-mappings', {
        groupId: 'g',
        role: 'viewer',
      }),
      denied: await viewer.get('/api/admin/users'),
      anonymous: await world.hub.browser().get('/api/instances'),
    }
    expect(answers.anonymous.status).toBe(401)
    for (const response of [answers.list, answers.change, answers.denied]) {
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('2')
      expect(await response.json()).toMatchObject({
        code: 'unavailable',
        detail: expect.stringContaining('database did not answer') as string,
      })
    }
    const callback = await world.hub.browser().signIn('new')
    expect(callback.status).toBe(503)
    expect(callback.headers.getSetCookie().join()).not.toContain('hub_session=ey')
    expect((await world.hub.browser().get('/livez')).status).toBe(200)
    expect((await world.hub.browser().get('/readyz')).status).toBe(503)

    await world.gate.open()
    await expect
      .poll(async () => (await root.get('/api/instances')).status, { timeout: 20_000 })
      .toBe(200)
    expect((await viewer.get('/api/admin/users')).status).toBe(403)
    expect((await world.hub.browser().get('/readyz')).status).toBe(200)
    expect(world.hub.lines.join('')).toContain('Failed query: ')
    expect(world.hub.lines.join('')).not.toContain('params:')
  }, 60_000)
})
