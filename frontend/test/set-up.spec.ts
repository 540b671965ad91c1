import { expect, test } from '@playwright/test'
import { startOwnHub, type OwnHub, ownHubUrl } from './own-hub.ts'
import { failOnPolicyViolation } from './portal.ts'

let hub: OwnHub

test.use({ baseURL: ownHubUrl })
test.beforeEach(async ({ page }) => {
  failOnPolicyViolation(page)
  hub = await startOwnHub({ HUB_ADMINS: '', HUB_GRANTS: '[]' })
})
test.afterEach(() => hub.stop())

test('the code of the log makes the first administrator, once', async ({ page, browser }) => {
  const code = /setup code (\S+) to become/.exec(hub.lastLines())![1]!
  await page.goto('/')
  await page.getByRole('link', { name: /continue with demo sign-in/i }).click()
  await page.getByRole('button', { name: /nobody/i }).click()
  await expect(page.getByText('This hub has no administrator yet', { exact: true })).toBeVisible()
  await page.getByLabel('Setup code').fill('AAAA-AAAA-AAAA')
  await page.getByRole('button', { name: 'Become administrator' }).click()
  await expect(page.getByRole('alert')).toContainText(/not the setup code/i)
  await page.getByLabel('Setup code').fill(code)
  await page.getByRole('button', { name: 'Become administrator' }).click()
  await expect(page.getByRole('link', { name: 'Audit' })).toBeVisible()

  const other = await (await browser.newContext({ baseURL: ownHubUrl })).newPage()
  await other.goto('/')
  await other.getByRole('link', { name: /continue with demo sign-in/i }).click()
  await other.getByRole('button', { name: /viewer/i }).click()
  await expect(other.getByRole('heading', { name: /no access yet/i })).toBeVisible()
  await expect(other.getByText('This hub has no administrator yet', { exact: true })).toHaveCount(0)
  await other.context().close()
})
