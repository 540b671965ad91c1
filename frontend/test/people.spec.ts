import { expect, test, type Page } from '@playwright/test'
import { callApi, failOnPolicyViolation, signIn } from './portal.ts'

test.beforeEach(({ page }) => failOnPolicyViolation(page))

async function openMyAccess(page: Page): Promise<void> {
  await page.getByRole('button', { name: /account/i }).click()
  await page.getByRole('menuitem', { name: 'My access' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'My access' })).toBeVisible()
}

test('a person sees what they may do, and signs out another browser of theirs', async ({
  page,
  browser,
}) => {
  await signIn(page, 'viewer')
  const elsewhere = await (await browser.newContext()).newPage()
  await signIn(elsewhere, 'viewer')
  await openMyAccess(page)
  await expect(page.getByRole('code').filter({ hasText: 'oidc:viewer' })).toBeVisible()
  const rights = page.getByRole('region', { name: 'What you may do' })
  await expect(rights.getByText('Viewer', { exact: true }).first()).toBeVisible()

  const sessions = page.getByRole('region', { name: 'Browser sessions' })
  await expect(sessions.getByText('This browser')).toBeVisible()
  await sessions.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await expect(sessions.getByRole('button', { name: /sign out/i })).toHaveCount(0)
  expect((await callApi(elsewhere, 'GET', '/api/auth/me')).status).toBe(401)
  expect((await callApi(page, 'GET', '/api/auth/me')).status).toBe(200)
  await elsewhere.goto('/deployments')
  await expect(elsewhere.getByRole('link', { name: /continue with demo sign-in/i })).toBeVisible()
  await elsewhere.context().close()
})

test('a token is shown once, does what it is for, and nothing once it is revoked', async ({
  page,
  playwright,
  baseURL,
}) => {
  await signIn(page, 'deployer')
  await openMyAccess(page)
  const panel = page.getByRole('region', { name: 'API tokens' })
  await panel.getByRole('button', { name: 'New token' }).click()
  const dialog = page.getByRole('dialog', { name: 'New API token' })
  await dialog.getByRole('button', { name: 'Create token' }).click()
  await expect(dialog.getByLabel('Name')).toHaveAttribute('aria-invalid', 'true')
  await dialog.getByLabel('Name').fill('nightly')
  await expect(dialog.getByText('Choose one or more, or tick “Every instance”.')).toBeVisible()
  await dialog.getByRole('checkbox', { name: 'Every instance' }).check()
  await dialog.getByRole('button', { name: 'Create token' }).click()
  const secret = (await dialog.getByText(/^hubpat_/).textContent())!

  const script = await playwright.request.newContext({
    ...(baseURL !== undefined && { baseURL }),
    extraHTTPHeaders: { authorization: `Bearer ${secret}` },
  })
  expect((await script.get('/api/instances')).status()).toBe(200)
  const deploy = await script.post('/api/instances/demo-east/namespaces/ml-team/deployments', {
    data: { name: 'by-script', spec: { model: { id: 'a/b' } } },
  })
  expect(deploy.status()).toBe(403)

  await dialog.getByRole('button', { name: 'I have copied it' }).click()
  await expect(page.getByText(secret)).toHaveCount(0)
  const row = panel.getByRole('listitem').filter({ hasText: 'nightly' })
  await expect(row.getByText(/last used/)).toBeVisible({ timeout: 20_000 })
  await panel.getByRole('button', { name: 'Revoke nightly' }).click()
  await page.getByRole('button', { name: 'Revoke token' }).click()
  await expect(panel.getByText('nightly')).toHaveCount(0)
  expect((await script.get('/api/instances')).status()).toBe(401)
  await script.dispose()
})

test('a token is copied where the browser has no clipboard for pages, and where it refuses, that is said', async ({
  page,
}) => {
  // As over plain http.
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })
  })
  await signIn(page, 'deployer')
  await openMyAccess(page)
  await page.getByRole('button', { name: 'New token' }).click()
  const dialog = page.getByRole('dialog', { name: 'New API token' })
  await dialog.getByLabel('Name').fill('copied')
  await dialog.getByLabel('On', { exact: true }).fill('demo-east,groq')
  await dialog.getByRole('button', { name: 'Create token' }).click()
  const secret = (await dialog.getByText(/^hubpat_/).textContent())!
  const copy = dialog.getByRole('button', { name: 'Copy token' })
  await copy.click()
  await expect(dialog.getByText('Copied', { exact: true })).toBeAttached()
  await expect(copy).toBeFocused()
  await page.evaluate(() => {
    document.execCommand = () => false
  })
  await copy.click()
  await expect(dialog.getByText('Not copied: the browser refused')).toBeAttached()
  const { items } = await (await page.request.get('/api/auth/tokens')).json()
  // A provider outside stands where an instance does.
  const made = (items as { name: string }[]).find(({ name }) => name === 'copied')
  expect(made).toMatchObject({ instanceIds: ['demo-east', 'groq'] })
  await dialog.getByRole('button', { name: 'I have copied it' }).click()
  await page.getByRole('button', { name: 'New token' }).click()
  await dialog.getByLabel('Name').press('ControlOrMeta+V')
  await expect(dialog.getByLabel('Name')).toHaveValue(secret)
})

test('whoever has no access yet can still see who they are', async ({ page }) => {
  await signIn(page, 'nobody')
  await openMyAccess(page)
  await expect(page.getByText(/nobody has given you a role yet/i)).toBeVisible()
})

test('what wants a fresh sign-in leads there, and keeps what was typed', async ({ page }) => {
  await signIn(page, 'deployer', '/me')
  await page.getByRole('button', { name: 'New token' }).click()
  const dialog = page.getByRole('dialog', { name: 'New API token' })
  await dialog.getByLabel('Name').fill('in the midst')
  await dialog.getByLabel('Calls per day').fill('400')
  await page.goto('/login?again=true&return_to=/me')
  await expect(
    page.getByRole('heading', { level: 1, name: 'Confirm that it is you' }),
  ).toBeVisible()
  const again = page.getByRole('link', { name: /continue with demo sign-in/i })
  await expect(again).toHaveAttribute('href', /prompt=login/)
  await again.click()
  await page.getByRole('button', { name: /deployer/i }).click()
  await expect(dialog.getByLabel('Name')).toHaveValue('in the midst')
  await expect(dialog.getByLabel('Name')).toBeFocused()
  await expect(dialog.getByLabel('Calls per day')).toHaveValue('400')
  await dialog.getByRole('checkbox', { name: 'Every instance' }).check()
  await dialog.getByRole('button', { name: 'Create token' }).click()
  await expect(dialog.getByText(/^hubpat_/)).toBeVisible()
  // It is made: nothing of it is left to make it once more.
  await page.reload()
  await expect(page.getByText('in the midst').first()).toBeVisible()
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('what asks for a new proof goes on by itself once it is given in another tab', async ({
  page,
  context,
}) => {
  await signIn(page, 'deployer')
  await openMyAccess(page)
  let refusals = 1
  await page.route('**/api/auth/tokens', (route) => {
    if (route.request().method() !== 'POST' || refusals === 0) return route.fallback()
    refusals -= 1
    return route.fulfill({
      status: 401,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: '/docs/errors#reauthentication-required',
        title: 'Reauthentication required',
        status: 401,
        detail: 'Creating a token needs a sign-in from the last 15 minutes.',
        instance: '/api/auth/tokens',
        code: 'reauthentication-required',
        requestId: 'r',
      }),
    })
  })
  await page.getByRole('button', { name: 'New token' }).click()
  const dialog = page.getByRole('dialog', { name: 'New API token' })
  await dialog.getByLabel('Name').fill('proved')
  await dialog.getByRole('checkbox', { name: 'Every instance' }).check()
  await dialog.getByRole('button', { name: 'Create token' }).click()
  await expect(dialog.getByRole('alert')).toContainText('continues as soon as you have')

  const [tab] = await Promise.all([
    context.waitForEvent('page'),
    dialog.getByRole('link', { name: 'Sign in again in a new tab' }).click(),
  ])
  await tab.getByRole('link', { name: /continue with demo sign-in/i }).click()
  await tab.getByRole('button', { name: /deployer/i }).click()
  await expect(dialog.getByText(/^hubpat_/)).toBeVisible()
})
