import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { describeHub } from '../../../test/describe-hub.ts'
import { renderSignInPage, signInPolicy, type SignInPage } from './sign-in-page.ts'

const page = (change: Partial<SignInPage> = {}) =>
  renderSignInPage({
    returnTo: '/',
    again: false,
    error: undefined,
    reference: undefined,
    ended: null,
    providers: [
      { id: 'oidc', name: 'Acme <SSO>' },
      { id: 'github', name: 'GitHub' },
    ],
    ...change,
  })

describe('the sign-in page', () => {
  test('leads to each provider, and from there to where the person wanted to', () => {
    const html = page({ returnTo: '/deployments?q=a&sort=name' })
    expect(html).toContain(
      'href="/api/auth/login/oidc?return_to=%2Fdeployments%3Fq%3Da%26sort%3Dname"',
    )
    expect(html).toContain('Continue with Acme &#60;SSO&#62;</a>')
    expect(html).toContain('Continue with GitHub</a>')
    expect(html).not.toContain('prompt=login')
    expect(html).not.toContain('role="alert"')
  })

  test('asks for a fresh sign-in where one is wanted', () => {
    const html = page({ again: true, ended: 'You ended it.', returnTo: '/access' })
    expect(html).toContain('<h1>Confirm that it is you</h1>')
    expect(html).toContain('<title>Confirm that it is you · KubeAIRunway Hub</title>')
    expect(html).toContain('/oidc?return_to=%2Faccess&#38;prompt=login')
    expect(html).not.toContain('You ended it.')
  })

  test('says what came of a sign-in, in its title too, and why a session is over', () => {
    const failed = page({ error: 'login-refused', reference: 'r-<1>', ended: 'You ended it.' })
    expect(failed).toContain('<title>Sign-in was refused · Sign in · KubeAIRunway Hub</title>')
    expect(failed).toContain('Reference r-&#60;1&#62;')
    expect(failed).not.toContain('You ended it.')
    expect(failed.match(/role="alert"/g)).toHaveLength(1)
    const ended = page({ ended: 'You ended this session from another browser.' })
    expect(ended).toContain('<strong>You were signed out</strong>')
    expect(ended).toContain('You ended this session from another browser.')
  })

  test('shows no text of a link but its reference', () => {
    const html = page({ error: '<script>alert(1)</script>', reference: '"><img src=x>' })
    expect(html).toContain('Sign-in did not work')
    expect(html).not.toContain('alert(1)')
    expect(html).not.toContain('<img')
  })

  test('says how to set up a way to sign in, and takes the token of local mode', () => {
    expect(page({ providers: [] })).toContain('No sign-in method is set up')
    const local = page({ providers: null })
    expect(local).toContain('Open the address that it printed in the terminal')
    expect(local).toContain('<form action="/" method="get">')
    expect(local).not.toContain('/api/auth/login')
  })

  test('holds no script and no style that its policy does not know', () => {
    const html = page({ error: 'login-failed' })
    const styles = [...html.matchAll(/<style>([^]*?)<\/style>/g)].map(([, style]) => style!)
    expect(styles).toHaveLength(1)
    expect(signInPolicy).toContain(`'sha256-${hash('sha256', styles[0]!, 'base64')}'`)
    expect(html.match(/<script[^>]*>[^<]/)).toBeNull()
    expect(html).not.toMatch(/ style=| on[a-z]+=/)
  })
})

describeHub('GET /login', {}, (world) => {
  const get = (path: string) => world.hub.browser().get(path)

  test('is for anybody, and nobody keeps it', async () => {
    const answer = await get('/login?return_to=//evil.example')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
    expect(answer.headers.get('content-security-policy')).toBe(signInPolicy)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const html = await answer.text()
    expect(html).toContain('/api/auth/login/oidc?return_to=%2F"')
    expect(html).not.toContain('evil')
  })

  test('leads on who is signed in, and never to another site', async () => {
    const browser = world.hub.browser()
    await browser.signIn('ann')
    for (const [query, location] of [
      ['', '/'],
      ['?return_to=/deployments?q=a', '/deployments?q=a'],
      ['?return_to=https://evil.example/', '/'],
      ['?return_to=/login', '/'],
    ] as const) {
      const answer = await browser.get(`/login${query}`)
      expect([answer.status, answer.headers.get('location')]).toEqual([303, location])
    }
    const again = await (await browser.get('/login?again=true')).text()
    expect(again).toContain('/api/auth/login/oidc?return_to=%2Fme&#38;prompt=login')
    expect((await browser.get('/login?error=login-failed')).status).toBe(200)
  })

  test('says why the session that the browser shows is over', async () => {
    const browser = world.hub.browser()
    const elsewhere = world.hub.browser()
    await browser.signIn('bea')
    await elsewhere.signIn('bea')
    const sessions = (await (await elsewhere.get('/api/auth/sessions')).json()) as {
      items: { id: string; isCurrent: boolean }[]
    }
    const other = sessions.items.find(({ isCurrent }) => !isCurrent)!
    await elsewhere.send('DELETE', `/api/auth/sessions/${other.id}`)
    expect(await (await browser.get('/login')).text()).toContain(
      'You ended this session from another browser.',
    )
  })

  test('a sign-in that fails comes back with where it was to lead to', async () => {
    const browser = world.hub.browser()
    const begun = await browser.get('/api/auth/login/oidc?return_to=/deployments?q=a')
    const state = new URL(begun.headers.get('location')!).searchParams.get('state')!
    const failed = await browser.get(`/api/auth/callback/oidc?state=${state}&error=access_denied`)
    expect(await failed.text()).toContain('&#38;return_to=%2Fdeployments%3Fq%3Da"')
  })
})
