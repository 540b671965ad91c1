import { expect, test, type Page } from '@playwright/test'
import { failOnPolicyViolation, signIn } from './portal.ts'

test.beforeEach(({ page }) => failOnPolicyViolation(page))

test('H12: a mistyped name is not found, and nobody is sent to ask for what they have', async ({
  page,
}) => {
  await signIn(page, 'viewer')
  const path = '/namespaces/ml-team/deployments/no-such-name'
  await page.goto(`/instances/demo-east${path}`)
  await expect(page.getByRole('heading', { name: 'Not found' })).toBeVisible()
  await expect(page.getByText('There is no deployment "no-such-name"')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Back to demo-east' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Ask for access' })).toHaveCount(0)
  await page.goto(`/instances/demo-west${path}`)
  await expect(page.getByRole('link', { name: 'Ask for access' })).toBeVisible()
})

test('H12: a change that nobody answered is not called undone', async ({ page }) => {
  await signIn(page, 'deployer', '/me?ask=true&instance=demo-east')
  const dialog = page.getByRole('dialog', { name: 'Ask for access' })
  await dialog.getByRole('checkbox', { name: 'All namespaces' }).check()
  await dialog.getByLabel('Reason').fill('To see what is said')
  await page.route('**/api/access-requests', (route) => route.abort())
  await dialog.getByRole('button', { name: 'Ask', exact: true }).click()
  const alert = dialog.getByRole('alert')
  await expect(alert).toContainText('No answer from the hub')
  await expect(alert).toContainText('Check first whether it happened anyway.')
  await expect(alert).not.toContainText('The request was not sent')
})

test('a page whose script does not come says so, and comes once the hub is there', async ({
  page,
  context,
}) => {
  await signIn(page, 'admin', '/deployments')
  await expect(page.getByRole('link', { name: 'llama-3-1-8b' }).first()).toBeVisible()
  await context.setOffline(true)
  await expectAuditAfterwards(page, () => context.setOffline(false))
})

test('so does one that is gone to while nobody can be asked who is signed in', async ({
  page,
  context,
}) => {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'))
  // Whoever missed events asks again what they may do.
  await page.route('**/api/stream*', (route) =>
    route.fulfill({ contentType: 'text/event-stream', body: 'event: reset\ndata: {}\n\n' }),
  )
  let isAnswered = true
  let unanswered = 0
  await page.route('**/api/auth/me', (route) => {
    if (isAnswered) return route.continue()
    unanswered += 1
    return route.abort()
  })
  await signIn(page, 'admin', '/deployments')
  await expect(page.getByRole('link', { name: 'llama-3-1-8b' }).first()).toBeVisible()
  isAnswered = false
  await expect.poll(() => unanswered).toBeGreaterThan(0)
  await context.setOffline(true)
  await expectAuditAfterwards(page, async () => {
    isAnswered = true
    await context.setOffline(false)
  })
})

async function expectAuditAfterwards(page: Page, goOnline: () => Promise<void>): Promise<void> {
  const rail = page.getByRole('navigation', { name: 'Main' })
  await rail.getByRole('link', { name: 'Audit' }).click()
  await expect(page.getByText('The hub cannot be reached.')).toBeVisible()
  await rail.getByRole('link', { name: 'Deployments' }).click()
  await expect(page.getByRole('link', { name: 'llama-3-1-8b' }).first()).toBeVisible()
  await rail.getByRole('link', { name: 'Audit' }).click()
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
  await goOnline()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: 'Audit' })).toBeVisible()
}

test('a page whose script is another one by now is loaded anew', async ({ page }) => {
  await signIn(page, 'admin', '/deployments')
  await expect(page.getByRole('link', { name: 'llama-3-1-8b' }).first()).toBeVisible()
  let isNew = false
  page.on('request', (request) => (isNew ||= request.isNavigationRequest()))
  await page.route('**/assets/audit-route*.js', (route) =>
    isNew ? route.continue() : route.fulfill({ status: 404, body: 'gone' }),
  )
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit' }).click()
  await expect(page.getByRole('heading', { name: 'Audit' })).toBeVisible()
  expect(isNew).toBe(true)
})
