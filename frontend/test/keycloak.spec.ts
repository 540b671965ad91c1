import { expect, test, type Page } from '@playwright/test'
import {
  askForKeycloak,
  shareKeycloak,
  type KeycloakOffer,
} from '../../backend/test/keycloak-offer.ts'
import { createHubRealm, type HubRealm } from '../../backend/test/keycloak.ts'
import { ownHubUrl, startOwnHub, type OwnHub } from './own-hub.ts'
import { callApi, failOnPolicyViolation } from './portal.ts'

const home = process.env['KEYCLOAK_HOME']

test.describe('signing in at a real Keycloak (KEYCLOAK_HOME)', () => {
  test.skip(!home, 'set KEYCLOAK_HOME to run it')
  test.use({ baseURL: ownHubUrl })
  test.describe.configure({ timeout: 180_000 })
  let offer: KeycloakOffer
  let realm: HubRealm
  let hub: OwnHub

  test.beforeAll(async () => {
    test.setTimeout(180_000)
    offer = await shareKeycloak(home!)
    realm = await createHubRealm(await askForKeycloak(offer), {
      redirectUri: `${ownHubUrl}/api/auth/callback/oidc`,
    })
    hub = await startOwnHub({
      OIDC_PROVIDER_ISSUER: realm.issuer,
      OIDC_PROVIDER_CLIENT_ID: realm.clientId,
      OIDC_PROVIDER_CLIENT_SECRET: realm.clientSecret,
      OIDC_PROVIDER_NAME: 'Keycloak',
    })
  })
  test.afterAll(async () => {
    await hub?.stop()
    await offer?.stop()
  })

  const enterPassword = async (page: Page) => {
    await page.getByLabel(/username/i).fill(realm.username)
    await page.locator('input[name=password]').fill(realm.password)
    await page.getByRole('button', { name: /sign in/i }).click()
  }

  test('a person signs in there, comes back, and signs out of both', async ({ page }) => {
    failOnPolicyViolation(page)
    await page.goto('/deployments?q=qwen')
    await page.getByRole('link', { name: 'Continue with Keycloak' }).click()
    await expect(page).toHaveURL(/\/realms\/hub-/)
    await enterPassword(page)
    await expect(page).toHaveURL(`${ownHubUrl}/deployments?q=qwen`)
    await expect(page.getByRole('button', { name: 'Account of Ada Lovelace' })).toBeVisible()
    const me = JSON.parse((await callApi(page, 'GET', '/api/auth/me')).text) as { email: string }
    expect(me.email).toBe('ada@example.com')

    await page.getByRole('button', { name: 'Account of Ada Lovelace' }).click()
    await page.getByRole('menuitem', { name: /sign out/i }).click()
    await expect(page).toHaveURL(`${ownHubUrl}/login`)
    expect((await page.request.get('/api/auth/me')).status()).toBe(401)
    await page.getByRole('link', { name: 'Continue with Keycloak' }).click()
    await expect(page.getByLabel(/username/i)).toBeVisible()
  })

  test('showing again that it is you asks for the password of the same person', async ({
    page,
  }) => {
    await page.goto('/')
    await page.getByRole('link', { name: 'Continue with Keycloak' }).click()
    await enterPassword(page)
    await expect(page.getByRole('button', { name: 'Account of Ada Lovelace' })).toBeVisible()
    await page.goto('/login?again=true')
    await page.getByRole('link', { name: 'Continue with Keycloak' }).click()
    await expect(page.locator('input[name=password]')).toBeVisible()
    await page.locator('input[name=password]').fill(realm.password)
    await page.getByRole('button', { name: /sign in/i }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'My access' })).toBeVisible()
  })
})
