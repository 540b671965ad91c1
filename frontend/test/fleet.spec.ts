import { expect, test } from '@playwright/test'
import { callApi, failOnPolicyViolation, signIn } from './portal.ts'

test.beforeEach(({ page }) => failOnPolicyViolation(page))

test('cards say how many GPUs are free, in words and of which product', async ({ page }) => {
  await signIn(page, /viewer/i)
  await page.goto('/instances')
  const gpus = page.getByRole('list', { name: 'GPUs' })
  await expect(gpus.getByText(/^NVIDIA H100/)).toBeVisible()
  await expect(gpus.getByText(/^\d+ of 16 in use$/)).toBeVisible()
  await page.getByRole('link', { name: 'demo-east', exact: true }).click()
  await page.getByRole('tab', { name: 'Cluster' }).click()
  await expect(page).toHaveURL(/tab=cluster/)
  await expect(page.getByRole('row', { name: /NVIDIA H100/ })).toContainText('nvidia.com/gpu')
  await expect(page.getByRole('region', { name: 'Runtimes' })).toContainText(/KAITO.*Heartbeat/)
  await expect(page.getByText('Permissions of the credential')).toHaveCount(0)
})

test('the address holds search, status, order and pages of the fleet', async ({ page }) => {
  await signIn(page, /admin/i)
  await page.goto('/deployments')
  await expect(page.getByText(/^1 to 100 of \d+ deployments$/)).toBeVisible()
  await expect(page.getByText('This list is incomplete')).toBeVisible()
  await page.getByRole('button', { name: 'Show more' }).click()
  await expect(page).toHaveURL(/pages=2/)
  await expect.poll(() => page.getByRole('row').count()).toBeGreaterThan(101)
  await page.reload()
  await expect.poll(() => page.getByRole('row').count()).toBeGreaterThan(101)

  await page.getByRole('searchbox').fill('gemma')
  await expect(page).toHaveURL(/\?q=gemma$/)
  await page.getByRole('button', { name: 'Created' }).click()
  await page.getByText(/^Running \d+$/).click()
  await expect(page).toHaveURL(/q=gemma/)
  await expect(page).toHaveURL(/sort=-createdAt/)
  await expect(page).toHaveURL(/status=running/)
  await page.reload()
  await expect(page.getByRole('searchbox')).toHaveValue('gemma')
  await expect(page.getByRole('columnheader', { name: 'Created' })).toHaveAttribute(
    'aria-sort',
    'descending',
  )
  const rows = page.getByRole('row').filter({ has: page.getByRole('cell') })
  await expect(rows.first()).toContainText('gemma')
  await expect(rows.filter({ hasNotText: 'gemma' })).toHaveCount(0)

  await page.getByRole('searchbox').fill('no-such-model')
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible()
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(page.getByText(/^1 to 100 of/)).toBeVisible()
})

test('a filtered list takes up, moves and drops a deployment by itself', async ({ page }) => {
  const path = '/api/instances/demo-east/namespaces/ml-team/deployments'
  await signIn(page, /deployer/i)
  await page.goto('/deployments?q=live-row')
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible()
  const created = await callApi(page, 'POST', path, {
    name: 'live-row',
    spec: { model: { id: 'Qwen/Qwen3-8B' }, resources: { gpu: { count: 1 } } },
  })
  expect(created.status).toBe(201)
  const row = page.getByRole('row', { name: /live-row/ })
  await expect(row).toBeVisible()
  await expect(row).toContainText('Running', { timeout: 40_000 })
  await expect(page.getByText('Running 1', { exact: true })).toBeVisible()
  await callApi(page, 'DELETE', `${path}/live-row`)
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible({
    timeout: 30_000,
  })
})

test('the deploy form warns of GPUs that no node has free, and stops nobody', async ({ page }) => {
  await signIn(page, /deployer/i)
  await page.goto('/instances/demo-east/deploy')
  await page.getByLabel('GPUs per replica').fill('64')
  await expect(page.getByText(/each replica asks for 64/)).toBeVisible()
  await expect(page.getByRole('button', { name: 'Deploy', exact: true })).toBeEnabled()
  await page.getByLabel('GPUs per replica').fill('1')
  await expect(page.getByText(/each replica asks for/)).toHaveCount(0)
})
