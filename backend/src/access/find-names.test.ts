import { expect, test } from 'vitest'
import { describeHub } from '../../test/describe-hub.ts'
import { contextOf } from '../../test/contexts.ts'
import { createFindNames } from './find-names.ts'
import { insertServicePrincipal } from './service-principals/store.ts'

describeHub('the names of principals', {}, (world) => {
  const signIn = async (sub: string, name: string) => {
    const browser = world.hub.browser()
    const url = await browser.startLogin()
    world.identityProvider.answers.claims = (claims) => ({ ...claims, sub, name })
    expect((await browser.finishLogin(world.identityProvider.authorize(url))).status).toBe(303)
  }
  const program = {
    id: 'p1',
    issuer: 'https://ci.example',
    clientId: 'deployer',
    principal: 'service:deployer@https://ci.example',
    displayName: 'CI deployer',
    disabledAt: null,
    createdAt: new Date(0),
    lastSeenAt: new Date(0),
  }

  test('are those of people and programs; whom nobody knows has none', async () => {
    const { db } = world.database
    await signIn('ann', 'Ann Example')
    await db.transaction((tx) => insertServicePrincipal(tx, program))
    const principals = ['oidc:ann', program.principal, 'oidc:nobody', 'oidc:someone']
    const findNames = createFindNames()
    // The caller is known by what they came with.
    expect(await findNames(contextOf([], { db }), principals)).toEqual(
      new Map([
        ['oidc:ann', 'Ann Example'],
        [program.principal, 'CI deployer'],
        ['oidc:someone', 'Someone'],
      ]),
    )
  })

  test('are asked for once a minute, however many there are', async () => {
    const { db } = world.database
    await signIn('bea', 'Bea')
    const at = { now: new Date('2026-01-01T00:00:00Z') }
    const ctx = contextOf([], { db, now: () => at.now })
    const findNames = createFindNames()
    const many = ['oidc:bea', ...Array.from({ length: 450 }, (_, each) => `oidc:n${each}`)]
    expect(await findNames(ctx, many)).toEqual(new Map([['oidc:bea', 'Bea']]))
    await signIn('bea', 'Bea Married')
    at.now = new Date('2026-01-01T00:00:59Z')
    expect((await findNames(ctx, many)).get('oidc:bea')).toBe('Bea')
    at.now = new Date('2026-01-01T00:01:00Z')
    expect((await findNames(ctx, many)).get('oidc:bea')).toBe('Bea Married')
  })
})
