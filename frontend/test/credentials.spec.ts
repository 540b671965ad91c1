import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { startApiServer, type Cluster } from '@hub/demo'
import { expect, test } from '@playwright/test'
import { findViolations } from './axe.ts'
import { ownHubUrl, startOwnHub, type OwnHub } from './own-hub.ts'
import {
  endSessionOf,
  expectNoSidewaysScrolling,
  failOnPolicyViolation,
  readKept,
  signIn,
  signInAgain,
} from './portal.ts'

test.use({ baseURL: ownHubUrl })

let hub: OwnHub
let one: Cluster
let other: Cluster

test.beforeAll(async () => {
  one = await startApiServer()
  other = await startApiServer()
  hub = await startOwnHub()
})
test.afterAll(async () => {
  await hub?.stop()
  await one?.stop()
  await other?.stop()
})
test.beforeEach(({ context }) => {
  context.on('page', failOnPolicyViolation)
})

test('a name that leads to another cluster rests for everybody until an administrator confirms it', async ({
  page,
  browser,
}) => {
  await hub.write('prod-east', one.kubeconfig('service-account-token'))
  const viewers = await browser.newContext({ baseURL: ownHubUrl })
  const viewer = await viewers.newPage()
  await signIn(viewer, 'viewer')
  await signIn(page, 'admin', '/instances')
  const row = page.getByRole('row', { name: /prod-east/ })
  await expect(row).toContainText('Accepted')
  await expect(viewer.getByRole('link', { name: 'prod-east' })).toBeVisible()

  await hub.write('prod-east', other.kubeconfig('service-account-token'))
  await expect(row).toContainText('On hold')
  await expect(row).toContainText('It now leads to a different cluster.')
  await expect(row).toContainText('Confirm that this is intended, or replace the credential.')
  await expect(viewer.getByRole('link', { name: 'prod-east' })).toHaveCount(0)
  await viewer.goto('/instances/prod-east')
  await expect(viewer.getByRole('heading', { level: 1 })).toHaveText(/not found/i)

  await page.goto('/instances/prod-east')
  await expect(page.getByText(/now leads to a different cluster/).first()).toBeVisible()
  await expect(page.getByRole('link', { name: 'Deploy a model' })).toHaveCount(0)
  await page.getByRole('link', { name: 'See the credential in Instances' }).click()
  await page.setViewportSize({ width: 360, height: 740 })
  await expect(page.getByRole('button', { name: 'Confirm prod-east' })).toBeVisible()
  await expectNoSidewaysScrolling(page)
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.getByRole('button', { name: 'Confirm prod-east' }).click()
  const dialog = page.getByRole('dialog', { name: 'Is this the right prod-east?' })
  await expect(dialog).toContainText('Once you do, everybody with such a role has it')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(row).toContainText('On hold')
  await page.getByRole('button', { name: 'Confirm prod-east' }).click()
  await dialog.getByRole('button', { name: 'Confirm this cluster' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(row).toContainText('Accepted')
  await expect(page.getByRole('button', { name: 'Confirm prod-east' })).toHaveCount(0)
  await expect(viewer.getByRole('heading', { name: 'prod-east' })).toBeVisible()
  await viewers.close()
})

test('a client certificate that ends within 14 days is a warning, one that ends later is none', async ({
  page,
}) => {
  const user = { user: 'hub', groups: ['system:masters'] }
  await hub.write('ends-soon', await one.kubeconfigFor({ ...user, lifetimeDays: 6.5 }))
  await hub.write('ends-later', await one.kubeconfigFor({ ...user, lifetimeDays: 40.5 }))
  await signIn(page, 'admin', '/instances')
  const soon = page.getByRole('row', { name: /ends-soon/ })
  await expect(
    soon.getByText('expires in 6 days', { exact: true }).filter({ visible: true }),
  ).toBeVisible()
  await expect(soon).toContainText(/Its client certificate expires in 6 days, on /)
  const later = page.getByRole('row', { name: /ends-later/ })
  await expect(
    later.getByText('expires in 40 days', { exact: true }).filter({ visible: true }),
  ).toBeVisible()
  await expect(later).not.toContainText('Its client certificate')
  await page.getByRole('link', { name: 'ends-soon' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'ends-soon' })).toBeVisible()
  await expect(page.getByText(/Its client certificate expires in 6 days, on /)).toBeVisible()
})

test('of a cluster that is being added its name is kept for another sign-in, and its kubeconfig nowhere', async ({
  page,
}) => {
  const kubeconfig = one.kubeconfig('service-account-token')
  await signIn(page, 'admin', '/instances')
  await page.getByRole('button', { name: 'Add a cluster' }).click()
  const form = page.getByRole('dialog', { name: 'Add a cluster' })
  const pasted = form.getByLabel('Or paste the kubeconfig')
  await form.getByLabel('Name').fill('prod-kept')
  await pasted.fill(kubeconfig)
  const kept = await readKept(page)
  expect(kept).toContain('prod-kept')
  expect(kept).not.toMatch(/apiVersion|token:|server:/)
  await endSessionOf(page, 'admin')
  await signInAgain(page)
  await expect(form.getByLabel('Name')).toHaveValue('prod-kept')
  await expect(form.getByLabel('Name')).toBeFocused()
  await expect(pasted).toHaveValue('')
  await expect(pasted).toHaveAccessibleDescription(/Give it again: secrets are not kept\./)
  expect(await findViolations(page, '[role="dialog"]')).toEqual([])
  await pasted.fill(kubeconfig)
  await expect(form.getByText('secrets are not kept')).toHaveCount(0)
  await form.getByRole('button', { name: 'Add cluster' }).click()
  await expect(form).toHaveCount(0)
  await expect(page.getByRole('row', { name: /prod-kept/ })).toContainText('Accepted')
  await page.reload()
  await expect(page.getByRole('row', { name: /prod-kept/ })).toBeVisible()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await rm(join(hub.directory, 'prod-kept.kubeconfig'))
})

test('where the directory is read-only, what adds and removes says so and where to change it', async ({
  page,
}) => {
  await hub.write('prod-west', one.kubeconfig('service-account-token'))
  await signIn(page, 'admin', '/instances')
  const removing = page.getByRole('button', { name: 'Remove prod-west' })
  await expect(removing).toBeVisible()
  // What Kubernetes does when it mounts a secret.
  const becomeReadOnly = async () => {
    await mkdir(join(hub.directory, '..1'), { recursive: true })
    await symlink('..1', join(hub.directory, '..data'))
  }
  const becomeWritable = () => rm(join(hub.directory, '..data'))
  const sentence = /is mounted from a Kubernetes Secret\. Change that Secret/
  try {
    await removing.click()
    await becomeReadOnly()
    const removal = page.getByRole('dialog', { name: 'Remove prod-west?' })
    await removal.getByRole('button', { name: 'Remove cluster' }).click()
    await expect(removal.getByRole('alert')).toContainText(sentence)
    await expect(page.getByText('Credentials are mounted read-only')).toBeVisible()
    await expect(removal.getByRole('alert')).toContainText(sentence)
    await removal.getByRole('button', { name: 'Cancel' }).click()
    await expect(removal).toHaveCount(0)
    await expect(page.getByRole('button', { name: /^(Add|Replace|Remove)/ })).toHaveCount(0)
    await expect(page.getByRole('row', { name: /prod-west/ })).toContainText('Accepted')

    await becomeWritable()
    await page.getByRole('button', { name: 'Add a cluster' }).click()
    await becomeReadOnly()
    const form = page.getByRole('dialog', { name: 'Add a cluster' })
    await form.getByLabel('Name').fill('prod-north')
    await form.getByLabel('Or paste the kubeconfig').fill(one.kubeconfig('service-account-token'))
    await form.getByRole('button', { name: 'Add cluster' }).click()
    await expect(form.getByRole('alert')).toContainText(sentence)
    await expect(page.getByText('Credentials are mounted read-only')).toBeVisible()
    await expect(form.getByLabel('Name')).toHaveValue('prod-north')
  } finally {
    await becomeWritable().catch(() => null)
  }
})
