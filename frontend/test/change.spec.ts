import { expect, test, type Page } from '@playwright/test'
import {
  callApi,
  endSessionOf,
  expectNoSidewaysScrolling,
  failOnPolicyViolation,
  signIn,
  signInAgain,
} from './portal.ts'

const inAMonth = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 16)
const place = '/instances/demo-east/namespaces/ml-team/deployments'

test.beforeEach(({ page }) => failOnPolicyViolation(page))

async function create(page: Page, name: string, spec: object = {}): Promise<void> {
  const body = { name, spec: { model: { id: 'Qwen/Qwen3-8B' }, ...spec } }
  const created = await callApi(page, 'POST', `/api${place}`, body)
  expect(created.status).toBe(201)
}

async function remove(page: Page, ...names: string[]): Promise<void> {
  for (const name of names) await callApi(page, 'DELETE', `/api${place}/${name}`)
}

async function specOf(page: Page, name: string): Promise<unknown> {
  const { text } = await callApi(page, 'GET', `/api${place}/${name}/manifest`)
  return (JSON.parse(text) as { manifest: { spec: unknown } }).manifest.spec
}

const yaml = (page: Page) => page.getByLabel('Manifest as YAML')

async function rewrite(page: Page, from: string | RegExp, to: string): Promise<void> {
  await yaml(page).fill((await yaml(page).inputValue()).replace(from, to))
}

test('a deployment is written as YAML, and what the form does not show is deployed too', async ({
  page,
}) => {
  await signIn(page, 'deployer', '/instances/demo-east/deploy')
  await page.getByLabel('Model', { exact: true }).fill('Qwen/Qwen3-8B')
  await page.getByText('YAML', { exact: true }).click()
  await rewrite(page, 'name: qwen3-8b', 'name: by: yaml')
  await expect(page.getByRole('button', { name: /^Line 4:/ })).toBeVisible()
  await expect(page.getByLabel('Form', { exact: true })).toBeDisabled()

  await rewrite(page, 'name: by: yaml', 'name: by-yaml # ours')
  await rewrite(page, 'replicas: 1', 'replicas: 1\n    nonsense: 2')
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await expect(page.getByRole('button', { name: /^Line \d+: spec.scaling.nonsense/ })).toBeVisible()

  await rewrite(page, '\n    nonsense: 2', '')
  await rewrite(page, 'spec:', 'spec:\n  tolerations:\n    - operator: Exists')
  await page.getByText('Form', { exact: true }).click()
  await page.getByLabel('GPUs per replica').fill('2')
  await page.getByText('YAML', { exact: true }).click()
  await expect(yaml(page)).toHaveValue(/name: by-yaml # ours[^]*count: 2/)
  await expect(page.getByText('The cluster accepts this.')).toBeVisible()
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()

  await expect(page.getByRole('heading', { level: 1, name: 'by-yaml' })).toBeVisible()
  expect(await specOf(page, 'by-yaml')).toMatchObject({
    tolerations: [{ operator: 'Exists' }],
    resources: { gpu: { count: 2 } },
  })
  await remove(page, 'by-yaml')
})

test('an edit shows what changes first; a second editor is shown beside it, and loses nothing', async ({
  page,
}) => {
  await signIn(page, 'deployer')
  await create(page, 'edited', { scaling: { replicas: 1 } })
  await page.goto(`${place}/edited`)
  await page.getByRole('link', { name: 'Edit' }).click()
  await page.getByLabel('Replicas', { exact: true }).fill('2')
  const other = await callApi(page, 'PATCH', `/api${place}/edited`, {
    spec: { engine: { contextLength: 4096 } },
  })
  expect(other.status).toBe(200)
  await page.getByRole('button', { name: 'Review changes' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText('Somebody else changed it meanwhile')).toBeVisible()
  await expect(dialog.getByLabel('What they changed')).toContainText('contextLength: 4096')
  await expect(dialog.getByLabel('What you change')).toContainText('replicas: 2')
  await dialog.getByRole('button', { name: 'Take over mine' }).click()
  await expect(dialog.getByLabel('What changes')).toContainText('replicas: 2')
  await expect(dialog.getByLabel('What changes')).not.toContainText('Added: contextLength')
  await dialog.getByRole('button', { name: 'Apply changes' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'edited', exact: true })).toBeVisible()
  expect(await specOf(page, 'edited')).toMatchObject({
    scaling: { replicas: 2 },
    engine: { contextLength: 4096 },
  })
  await remove(page, 'edited')
})

test('what is written of an edit survives leaving the page, signing in anew, and the end of the deployment', async ({
  page,
}) => {
  await signIn(page, 'deployer')
  await create(page, 'written', { scaling: { replicas: 1 } })
  await page.goto(`${place}/written/edit`)
  const replicas = page.getByLabel('Replicas', { exact: true })
  await replicas.fill('7')
  await page.reload()
  await expect(replicas).toHaveValue('7')
  await page.getByRole('link', { name: 'Usage' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Usage' })).toBeVisible()
  await page.goBack()
  await expect(replicas).toHaveValue('7')

  // Whatever became of the session, and whoever changed it meanwhile.
  await page.context().clearCookies()
  await page.reload()
  await expect(page.getByRole('link', { name: /continue with demo sign-in/i })).toBeVisible()
  await signIn(page, 'deployer', `${place}/written/edit`)
  await expect(replicas).toHaveValue('7')
  const other = await callApi(page, 'PATCH', `/api${place}/written`, {
    spec: { engine: { contextLength: 4096 } },
  })
  expect(other.status).toBe(200)
  await page.reload()
  await page.getByRole('button', { name: 'Review changes' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByLabel('What you change')).toContainText('replicas: 7')
  await dialog.getByRole('button', { name: 'Take over mine' }).click()
  await expect(dialog.getByLabel('What changes')).not.toContainText('contextLength')
  await page.keyboard.press('Escape')

  await remove(page, 'written')
  await expect(page.getByText('What you wrote stays here')).toBeVisible()
  await expect(replicas).toHaveValue('7')
  await expect(page.getByRole('button', { name: 'Review changes' })).toBeDisabled()
  await page.getByText('YAML', { exact: true }).click()
  await expect(yaml(page)).toHaveValue(/replicas: 7[^]*contextLength: 4096/)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('link', { name: 'Back to demo-east' })).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('link', { name: 'Back to written' })).toBeVisible()
  await expect(page.getByText('What you wrote stays here')).toHaveCount(0)
})

test('an edit that is given up is forgotten', async ({ page }) => {
  await signIn(page, 'deployer')
  await create(page, 'given-up', { scaling: { replicas: 1 } })
  await page.goto(`${place}/given-up/edit`)
  await page.getByLabel('Replicas', { exact: true }).fill('7')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('link', { name: 'Edit' }).click()
  await expect(page.getByLabel('Replicas', { exact: true })).toHaveValue('1')
  await remove(page, 'given-up')
})

test('what cannot be changed in place says so, and shows what a new deployment would be', async ({
  page,
}) => {
  await signIn(page, 'deployer')
  await create(page, 'fixed', { engine: { type: 'vllm' } })
  await page.goto(`${place}/fixed/edit`)
  await page.getByLabel('Model', { exact: true }).fill('Qwen/Qwen3-4B')
  await expect(page.getByText('This cannot be changed in place')).toBeVisible()
  await page.getByRole('button', { name: 'Review changes' }).click()
  const dialog = page.getByRole('dialog', { name: 'Recreate fixed?' })
  await expect(dialog.getByLabel('What changes')).toContainText('id: Qwen/Qwen3-4B')
  await expect(dialog.getByRole('button', { name: 'Delete and recreate' })).toBeEnabled()
  await dialog.getByRole('button', { name: 'Back' }).click()
  expect(await specOf(page, 'fixed')).toMatchObject({ model: { id: 'Qwen/Qwen3-8B' } })
  await remove(page, 'fixed')
})

test('a deployment is scaled, and its history leads back', async ({ page }) => {
  await signIn(page, 'deployer')
  await create(page, 'scaled', { scaling: { replicas: 1 } })
  await page.goto(`${place}/scaled`)
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Scale' }).click()
  await page.getByRole('dialog').getByLabel('Replicas').fill('2')
  await page.getByRole('dialog').getByRole('button', { name: 'Scale' }).click()
  await expect(page.getByText('scaled is on its way to 2.')).toBeVisible()

  await page.getByRole('link', { name: 'History' }).click()
  await page.getByRole('button', { name: 'Back to generation 1' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByLabel('What changes')).toContainText('replicas: 1')
  await dialog.getByRole('button', { name: 'Take it back' }).click()
  await expect(page.getByText('goes back to what it was at generation 1')).toBeVisible()
  await expect(page.getByRole('cell', { name: '3, now' })).toBeVisible()
  expect(await specOf(page, 'scaled')).toMatchObject({ scaling: { replicas: 1 } })
  await remove(page, 'scaled')
})

test('the YAML of a deployment is there to copy, to download, and for kubectl', async ({
  page,
}) => {
  await signIn(page, 'deployer', `${place}/llama-3-1-8b?tab=yaml`)
  await expect(page.getByRole('region', { name: 'Manifest' })).toContainText(
    'kind: ModelDeployment',
  )
  await page.getByText('kubectl command', { exact: true }).click()
  await expect(page.getByRole('region', { name: 'kubectl command' })).toContainText('kubectl apply')
  const downloaded = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download' }).click()
  expect((await downloaded).suggestedFilename()).toBe('llama-3-1-8b.yaml')
})

test('of several that are deleted, one that was made anew stays, and is named', async ({
  page,
}) => {
  await signIn(page, 'deployer')
  await create(page, 'many-one')
  await create(page, 'many-two')
  await page.goto('/deployments?q=many-')
  for (const name of ['many-one', 'many-two']) {
    await page
      .getByRole('row', { name: new RegExp(name) })
      .getByRole('checkbox')
      .click()
  }
  await page.getByRole('button', { name: 'Change selected' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete 2 deployments' })
  await expect(dialog.getByText('demo-east/ml-team/many-two')).toBeVisible()
  await remove(page, 'many-two')
  await expect
    .poll(async () => (await callApi(page, 'GET', `/api${place}/many-two`)).status, {
      timeout: 30_000,
    })
    .toBe(404)
  await create(page, 'many-two')
  await dialog.getByRole('button', { name: 'Delete 2 deployments' }).click()
  await expect(dialog.getByText('1 of 2 done, 1 not')).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Retry what failed' })).toBeEnabled()
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click()
  expect((await callApi(page, 'GET', `/api${place}/many-two`)).status).toBe(200)
  await remove(page, 'many-two')
})

test('what the policy of an instance refuses is said at its field', async ({ page }) => {
  await signIn(page, 'deployer', '/instances/demo-east/deploy')
  await page.getByLabel('Model', { exact: true }).fill('Qwen/Qwen3-8B')
  await page.getByRole('button', { name: 'Environment and secrets' }).click()
  // Held as a finger holds it: what is pressed stays where it is.
  await page.getByRole('button', { name: 'Add variable' }).click({ delay: 60 })
  const variables = page.getByRole('group', { name: 'Variables' })
  await variables.getByLabel('Name', { exact: true }).fill('TOKEN')
  await variables.getByRole('combobox', { name: 'From' }).click()
  await page.getByRole('option', { name: 'Secret' }).click()
  await variables.getByLabel('Name of the secret').fill('hf')
  await variables.getByLabel('Key in it').fill('token')
  await expect(variables.getByText(/administrator/i)).toBeVisible()
  await expect(page.getByText('The cluster accepts this.')).toHaveCount(0)
})

test('an authority of models that is none is said at its field', async ({ page }) => {
  await signIn(page, 'admin', '/instances/demo-west?tab=cluster')
  await page.getByRole('button', { name: 'Change policy' }).click()
  const dialog = page.getByRole('dialog', { name: 'Policy of demo-west' })
  await dialog.getByRole('checkbox', { name: 'Call models at their own addresses' }).check()
  await dialog.getByLabel('Address of a model').fill('https://{name}.{namespace}.example.com')
  await dialog.getByLabel('Hosts that it may lead to').fill('*.example.com')
  await dialog.getByLabel('Certificate authority').fill('-----BEGIN PRIVATE KEY-----')
  await dialog.getByRole('button', { name: 'Save policy' }).click()
  await expect(dialog.getByText(/^holds a private key/)).toBeVisible()
  await page.setViewportSize({ width: 360, height: 740 })
  await expectNoSidewaysScrolling(page)
})

test('a template that is being written is there again, as YAML, once its author has signed in anew', async ({
  page,
}) => {
  await signIn(page, 'admin', '/templates')
  await page.getByRole('button', { name: 'New template' }).click()
  const dialog = page.getByRole('dialog', { name: 'New template' })
  await dialog.getByLabel('Title').fill('Half a template')
  await dialog.getByLabel('Model', { exact: true }).fill('Qwen/Qwen3-4B')
  await dialog.getByText('YAML', { exact: true }).click()
  await rewrite(page, 'spec:', '# Known to work.\nspec:')
  await endSessionOf(page, 'admin')
  await signInAgain(page)
  await expect(dialog.getByLabel('Title')).toHaveValue('Half a template')
  await expect(dialog.locator(':focus')).toBeVisible()
  await expect(yaml(page)).toHaveValue(/# Known to work\.\nspec:[^]*Qwen3-4B/)
  await dialog.getByLabel('Id', { exact: true }).fill('half')
  await dialog.getByRole('button', { name: 'Save template' }).click()
  await page.getByRole('button', { name: 'Change Half a template' }).click()
  const change = page.getByRole('dialog', { name: 'Change Half a template' })
  await change.getByLabel('Description').fill('Whole by now')
  await page.reload()
  await expect(change.getByLabel('Description')).toHaveValue('Whole by now')
  await expect(change.getByLabel('Id', { exact: true })).toBeDisabled()
  await change.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Delete Half a template' }).click()
  await page.getByRole('button', { name: 'Delete template' }).click()
  await expect(page.getByText('There is no template yet')).toBeVisible()
})

test('an administrator closes an instance, keeps a template, and a deployer sees both', async ({
  browser,
  page,
}) => {
  await signIn(page, 'admin', '/instances')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.getByLabel('Go to').fill('templ')
  await page.getByRole('button', { name: 'Templates' }).click()
  await expect(page).toHaveURL('/templates')
  await page.getByRole('button', { name: 'New template' }).click()
  const dialog = page.getByRole('dialog', { name: 'New template' })
  await dialog.getByLabel('Title').fill('Small Qwen')
  await dialog.getByLabel('Id', { exact: true }).fill('small-qwen')
  await dialog.getByLabel('Model', { exact: true }).fill('Qwen/Qwen3-4B')
  await dialog.getByRole('button', { name: 'Save template' }).click()
  await expect(page.getByRole('button', { name: 'Change Small Qwen' })).toBeVisible()
  await page.goto('/instances/demo-west?tab=cluster')
  await page.getByRole('button', { name: 'Close for maintenance' }).click()
  await page.getByLabel('Reason').fill('The nodes get new drivers.')
  await page.getByLabel('Until').fill(inAMonth)
  await page.getByRole('button', { name: 'Close instance' }).click()
  await expect(page.getByText(/^Closed .*The nodes get new drivers/)).toBeVisible()

  const other = await (await browser.newContext()).newPage()
  await signIn(other, 'deployer', '/instances/demo-west/deploy')
  await expect(other.getByText('demo-west is closed for new deployments')).toBeVisible()
  await other.getByRole('combobox', { name: 'Start from' }).click()
  await other.getByRole('option', { name: 'Small Qwen' }).click()
  await expect(other.getByLabel('Model', { exact: true })).toBeDisabled()
  await expect(other.getByLabel('Replicas', { exact: true })).toBeEnabled()
  await other.context().close()

  await page.getByRole('button', { name: 'Open again' }).click()
  await page.getByRole('button', { name: 'Open instance' }).click()
  await expect(page.getByText('It takes new deployments.')).toBeVisible()
  await page.goto('/templates')
  await page.getByRole('button', { name: 'Delete Small Qwen' }).click()
  await page.getByRole('button', { name: 'Delete template' }).click()
  await expect(page.getByText('There is no template yet')).toBeVisible()
})
