import { afterEach, expect, test } from 'vitest'
import { Problem } from '@hub/shared'
import { describeHub } from '../../test/describe-hub.ts'
import type { Browser } from '../../test/hub.ts'

const minute = 60_000

describeHub('H12: why a session is over,', { env: { HUB_ADMINS: 'oidc:root' } }, (world) => {
  let passed = 0
  let people = 0

  afterEach(() => {
    world.hub.advance(-passed)
    passed = 0
  })

  const pass = (ms: number) => {
    passed += ms
    world.hub.advance(ms)
  }
  const signIn = async (subject = `person-${(people += 1)}`) => {
    const browser = world.hub.browser()
    expect((await browser.signIn(subject)).status).toBe(303)
    return browser
  }
  const idOf = async (browser: Browser) => {
    const { principal } = (await (await browser.get('/api/auth/me')).json()) as {
      principal: string
    }
    const root = await signIn('root')
    const found = await root.get(`/api/admin/users?q=${encodeURIComponent(principal)}`)
    const { items } = (await found.json()) as { items: { id: string }[] }
    return { root, id: items[0]!.id }
  }
  const heardBy = async (browser: Browser) => {
    const response = await browser.get('/api/instances')
    expect(response.status).toBe(401)
    const { code, detail } = Problem.parse(await response.json())
    return [code, detail]
  }

  test('the person was disabled, and a new sign-in is refused for that and nothing else', async () => {
    const browser = await signIn('leaver')
    const { id, root } = await idOf(browser)
    await root.send('POST', `/api/admin/users/${id}/disable`)
    expect(await heardBy(browser)).toEqual([
      'session-ended',
      'Your account is disabled in this hub. An administrator of the hub can enable it again. Sign in again to continue.',
    ])
    const refused = await world.hub.browser().signIn('leaver')
    expect(refused.status).toBe(403)
    const page = await refused.text()
    expect(page).toContain('Your account is disabled in this hub.')
    expect(page).toContain('error=user-disabled')
    expect(page).not.toMatch(/identity provider/)
  })

  test('an administrator, or the person elsewhere, ended it', async () => {
    const browser = await signIn()
    const { id, root } = await idOf(browser)
    await root.send('DELETE', `/api/admin/users/${id}/sessions`)
    expect(await heardBy(browser)).toEqual([
      'session-ended',
      'An administrator of the hub ended your session. Sign in again to continue.',
    ])
    const subject = `person-${(people += 1)}`
    const [one, other] = [await signIn(subject), await signIn(subject)]
    await other.send('DELETE', '/api/auth/sessions')
    expect(await heardBy(one)).toEqual([
      'session-ended',
      'You ended this session from another browser. Sign in again to continue.',
    ])
  })

  test('nothing was done for too long', async () => {
    const idle = await signIn()
    pass(31 * minute)
    expect((await heardBy(idle))[1]).toMatch(/^Sessions end after 30 minutes without activity/)
  })

  test('nothing is said to somebody who signed out, who never was, or who shows an old secret', async () => {
    const browser = await signIn()
    const copy = new Map(browser.cookies)
    await browser.send('POST', '/api/auth/logout')
    const thief = world.hub.browser(undefined, copy)
    for (const each of [browser, thief, world.hub.browser()]) {
      expect((await heardBy(each))[0]).toBe('unauthenticated')
    }
    const renewed = await signIn()
    const before = new Map(renewed.cookies)
    pass(16 * minute)
    await renewed.get('/api/auth/me')
    await renewed.get('/api/auth/me')
    pass(2 * minute)
    expect((await heardBy(world.hub.browser(undefined, before)))[0]).toBe('unauthenticated')
  })
})
