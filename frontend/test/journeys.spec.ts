import { DeploymentList } from '@hub/shared'
import { expect, test } from '@playwright/test'
import { callApi, failOnPolicyViolation, signIn, signInByHand } from './portal.ts'

const deployments = '/api/instances/demo-east/namespaces/ml-team/deployments'

test.beforeEach(({ page }) => failOnPolicyViolation(page))

test('a deployer deploys a model, sees it come up, and deletes it', async ({ page }) => {
  await signInByHand(page, /deployer/i)
  await page.getByRole('link', { name: 'demo-east', exact: true }).click()
  await page.getByRole('link', { name: 'Deploy a model' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Deploy a model' })).toBeVisible()
  await page.getByLabel('Model', { exact: true }).fill('Qwen/Qwen3-8B')
  await page.getByLabel('Name', { exact: true }).fill('journey')
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()

  await expect(page.getByRole('heading', { name: 'journey' })).toBeVisible()
  const status = page.getByRole('main').getByRole('status')
  await expect(status).toContainText(/running/i, { timeout: 40_000 })
  await expect(page.getByText('Qwen/Qwen3-8B').first()).toBeVisible()

  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: /delete journey/i })
  // What goes with it comes later than the dialog, and moves the button.
  await expect(dialog.getByText('Deleted with it:')).toBeVisible()
  await dialog.getByRole('button', { name: 'Delete deployment' }).click()
  await expect(page.getByText(/was deleted/i)).toBeVisible({ timeout: 30_000 })
  const gone = await callApi(page, 'GET', `${deployments}/journey`)
  expect(gone.status).toBe(404)
})

test('H11: the dialog deletes the deployment that it was opened on, and says where that is gone', async ({
  page,
}) => {
  await signIn(page, 'deployer')
  const list = await callApi(page, 'GET', '/api/deployments?instance=demo-east&namespace=ml-team')
  const shown = DeploymentList.parse(JSON.parse(list.text)).items[0]!
  await page.goto(`/instances/demo-east/namespaces/${shown.namespace}/deployments/${shown.name}`)
  const asked = page.waitForRequest((request) => request.method() === 'DELETE')
  await page.route('**/api/instances/**', (route) =>
    route.request().method() === 'DELETE'
      ? route.fulfill({
          status: 409,
          contentType: 'application/problem+json',
          body: JSON.stringify({
            type: '/docs/errors#conflict',
            title: 'Conflict',
            status: 409,
            detail: `Deployment "${shown.name}" was deleted and created again after you looked at it.`,
            instance: '/',
            code: 'conflict',
            requestId: 'r',
          }),
        })
      : route.fallback(),
  )
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Delete deployment' }).click()
  expect(new URL((await asked).url()).searchParams.get('uid')).toBe(shown.uid)
  await expect(dialog.getByRole('alert')).toContainText('created again after you looked at it')
})

test('what the cluster refuses stands at its field, and nothing typed is lost', async ({
  page,
}) => {
  await signIn(page, 'deployer', '/instances/demo-east/deploy')
  await page.getByLabel('Model', { exact: true }).fill('Qwen/Qwen3-8B')
  await page.getByLabel('Name', { exact: true }).fill('not.a.label')
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await expect(page.getByLabel('Name', { exact: true })).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByLabel('Model', { exact: true })).toHaveValue('Qwen/Qwen3-8B')
})

test('a viewer sees deployments, finds no way to deploy, and is refused by the API', async ({
  page,
}) => {
  await signIn(page, 'viewer')
  await page.getByRole('link', { name: 'demo-east', exact: true }).click()
  await expect(page.getByRole('grid', { name: 'Deployments' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Deploy a model' })).toHaveCount(0)
  const created = await callApi(page, 'POST', deployments, {
    name: 'not-mine',
    spec: { model: { id: 'Qwen/Qwen3-8B' } },
  })
  expect(created.status).toBe(403)
  expect(JSON.parse(created.text)).toMatchObject({ code: 'forbidden' })
})

test('somebody without any access is told so, and whom to give to an administrator', async ({
  page,
}) => {
  await signIn(page, 'nobody')
  await expect(page.getByRole('heading', { name: /no access yet/i })).toBeVisible()
  await expect(page.getByText('oidc:nobody')).toBeVisible()
})

test('cancelling at the identity provider leads back with a sentence', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: /continue with demo sign-in/i }).click()
  await page
    .getByRole('button', { name: /cancel/i })
    .or(page.getByRole('link', { name: /cancel/i }))
    .click()
  await expect(page).toHaveURL(/\/login\?error=login-refused/)
  await expect(page.getByRole('alert')).toBeVisible()
})

test('signing out leaves nobody signed in', async ({ page }) => {
  await signIn(page, 'viewer')
  await page.getByRole('button', { name: /account/i }).click()
  await page.getByRole('menuitem', { name: /sign out/i }).click()
  await expect(page.getByRole('link', { name: /continue with demo sign-in/i })).toBeVisible()
  // The sign-in page itself may ask the hub nothing.
  expect((await page.request.get('/api/auth/me')).status()).toBe(401)
})

test('a dialog that is closed gives the focus back to what opened it', async ({ page }) => {
  await signIn(page, 'admin', '/instances/demo-east?tab=cluster')
  const closeByKeys = async (name: string) => {
    const opener = page.getByRole('button', { name })
    await opener.press('Enter')
    await expect(page.getByRole('dialog').locator(':focus')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await expect(opener).toBeFocused()
  }
  await closeByKeys('Set up sign-in')
  await closeByKeys('Change policy')
  await closeByKeys('Close for maintenance')
  await page.goto('/templates')
  await closeByKeys('New template')
})

test('Ctrl K leads to a deployment by its name', async ({ page }) => {
  await signIn(page, 'viewer')
  await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.getByRole('textbox', { name: 'Go to' }).fill('phi-4')
  await expect(page.getByRole('button', { name: /^phi-4-mini / })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'phi-4-mini' })).toBeVisible()
})
