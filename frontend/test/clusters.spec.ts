import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { callApi, failOnPolicyViolation, signIn } from './portal.ts'

test.beforeEach(({ page }) => failOnPolicyViolation(page))

function kubeconfig(user: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:9' } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  })
}

const program = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws' } }

test('an administrator sees why a cluster is lost and why a file is rejected', async ({ page }) => {
  await signIn(page, 'admin')
  await page.getByRole('link', { name: 'Instances' }).click()
  const lost = page.getByRole('row', { name: /demo-lost/ })
  await expect(lost).toContainText('Unreachable')
  await expect(lost).toContainText('refused the connection')

  await page.getByRole('link', { name: 'demo-lost' }).click()
  await expect(page.getByText('The instance cannot be read, for the reason above.')).toBeVisible()
  await expect(page.getByText(/refused the connection/)).toHaveCount(1)

  await page.goto('/instances')
  await expect(page.getByRole('row', { name: /demo-east/ })).toContainText('Accepted')
  const listed = await callApi(page, 'GET', '/api/admin/credentials')
  const { directory } = JSON.parse(listed.text) as { directory: { path: string } }
  const file = join(directory.path, 'journey-program.kubeconfig')
  await writeFile(file, kubeconfig(program), { mode: 0o600 })
  try {
    const row = page.getByRole('row', { name: /journey-program/ })
    await expect(row).toContainText('Rejected')
    await expect(row).toContainText('Fix:')
  } finally {
    await rm(file)
  }
  await expect(page.getByRole('row', { name: /journey-program/ })).toHaveCount(0)
})

test('an administrator adds a cluster, after a refusal at the field, and removes it', async ({
  page,
}) => {
  await signIn(page, 'admin', '/instances')
  await page.getByRole('button', { name: 'Add a cluster' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a cluster' })
  const text = dialog.getByLabel('Or paste the kubeconfig')
  await dialog.getByRole('button', { name: 'Add cluster' }).click()
  await expect(dialog.getByLabel('Name')).toHaveAttribute('aria-invalid', 'true')
  await dialog.getByLabel('Name').fill('journey-cluster')
  await text.fill(kubeconfig(program))
  await dialog.getByRole('button', { name: 'Add cluster' }).click()
  await expect(dialog.getByRole('alert')).toContainText('exec')
  await expect(text).toHaveAttribute('aria-invalid', 'true')

  await text.fill(kubeconfig({ token: 'not-a-secret-outside-this-test' }))
  await dialog.getByRole('button', { name: 'Add cluster' }).click()
  await expect(dialog).toHaveCount(0)
  const row = page.getByRole('row', { name: /journey-cluster/ })
  await expect(row).toContainText('Accepted')

  await page.getByRole('button', { name: 'Remove journey-cluster' }).click()
  await page
    .getByRole('dialog', { name: /remove journey-cluster/i })
    .getByRole('button', { name: 'Remove cluster' })
    .click()
  await expect(row).toHaveCount(0)
})

test('a manager sees what the credential may do; nobody else sees credentials', async ({
  page,
}) => {
  await signIn(page, 'admin', '/instances/demo-west?tab=cluster')
  await expect(page.getByText(/may do everything the hub needs/)).toBeVisible()
  await page.getByRole('button', { name: 'Details' }).click()
  await expect(page.getByRole('region', { name: 'Manifest' })).toContainText('kind: ClusterRole')

  await page.context().clearCookies()
  await signIn(page, 'viewer')
  await expect(page.getByRole('link', { name: 'Audit' })).toHaveCount(0)
  await page.goto('/audit')
  await expect(page.getByRole('heading', { name: 'No access' })).toBeVisible()
  await page.goto('/instances')
  await expect(page.getByRole('columnheader', { name: 'GPUs' })).toBeVisible()
  await expect(page.getByRole('columnheader', { name: 'Credential' })).toHaveCount(0)
})
