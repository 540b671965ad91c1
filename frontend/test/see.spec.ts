import { expect, test } from '@playwright/test'
import { callApi, failOnPolicyViolation, signIn } from './portal.ts'

const deployments = '/api/instances/demo-east/namespaces/ml-team/deployments'
const address = '/instances/demo-east/namespaces/ml-team/deployments/'

test.beforeEach(({ page }) => failOnPolicyViolation(page))

test('a model that crashes says so, why, and what helps; its pods, logs and events tell it', async ({
  page,
}) => {
  await signIn(page, 'deployer')
  const created = await callApi(page, 'POST', deployments, {
    name: 'demo-oom',
    spec: { model: { id: 'Qwen/Qwen3-8B' } },
  })
  expect(created.status).toBe(201)
  try {
    await page.goto(`${address}demo-oom`)
    const status = page.getByRole('region', { name: 'Status' })
    await expect(status).toContainText('out of memory', { timeout: 60_000 })
    await expect(status).toContainText('What helps')
    await status.getByText('Evidence').click()
    await expect(status.locator('dd').first()).toBeVisible()
    await expect(page.getByRole('region', { name: 'Timeline' })).toContainText('Asked for')
    const made = page.getByRole('region', { name: 'Made by its runtime' })
    await expect(made).toContainText(/demo-oom.*0 of 1 pods are ready/s)

    await page.getByRole('link', { name: 'Pods' }).click()
    await expect(page.getByRole('table', { name: 'Pods' })).toContainText('exit code 137')

    await page.getByRole('link', { name: 'Logs' }).click()
    await expect(page).toHaveURL(/tab=logs/)
    const log = page.getByRole('region', { name: 'Log' })
    await expect(log).toContainText(/\w+/)

    await page.getByRole('link', { name: 'Events' }).click()
    await expect(page.getByRole('list', { name: 'Events' })).toContainText('Pod')

    await page.goto('/')
    const needs = page.getByRole('region', { name: 'Needs you' })
    await expect(needs).toContainText('demo-oom on demo-east: Crashing')
  } finally {
    await callApi(page, 'DELETE', `${deployments}/demo-oom`)
  }
})

test('a log follows its pods, is searched, and is told apart by pod', async ({ page }) => {
  await signIn(page, 'viewer', `${address}llama-3-1-8b?tab=logs`)
  // Whatever is written meanwhile: what is searched for is drawn from the first line on.
  const log = page.getByRole('region', { name: 'Log' })
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('safetensors shards')
  await expect(page.getByText(/^[\d,]+ of [\d,]+ lines match\.$/)).toBeVisible()
  await expect(log).toContainText('safetensors')
  await expect(log).not.toContainText('server version')
  const pods = page.getByRole('combobox', { name: 'Pod' })
  const [, first] = await pods.locator('option').allTextContents()
  await pods.selectOption(first!)
  await expect(log).toContainText('Loading')
  await expect(log).not.toContainText(`${first!}/`)
  const asked = page.waitForRequest((request) => request.url().includes('since=3600'))
  await page.getByRole('combobox', { name: 'From' }).selectOption('Last hour')
  await asked
  await expect(log).toContainText('Loading')
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByText('Paused: newer lines wait until you follow again.')).toBeVisible()
})
