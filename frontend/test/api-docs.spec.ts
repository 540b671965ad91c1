import { expect, test } from '@playwright/test'
import { expectNoSidewaysScrolling, failOnPolicyViolation, signIn } from './portal.ts'

test('the API page describes every operation, and tries one with the session', async ({ page }) => {
  failOnPolicyViolation(page)
  await signIn(page, 'viewer')
  const foreign: string[] = []
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol !== 'data:' && url.origin !== new URL(page.url()).origin) {
      foreign.push(request.url())
    }
  })
  await page.goto('/api/docs')
  await expect(page.getByRole('heading', { name: /KubeAIRunway Hub/ })).toBeVisible()
  const document = (await (await page.request.get('/api/openapi.json')).json()) as {
    openapi: string
    paths: Record<string, Record<string, unknown>>
  }
  expect(document.openapi).toBe('3.1.1')
  const operations = Object.values(document.paths).flatMap((path) => Object.keys(path))
  // Of so many only those in sight are in the page.
  const seen = new Set<string>()
  const look = async () => {
    const ids = await page.locator('.opblock').evaluateAll((blocks) => blocks.map(({ id }) => id))
    for (const id of ids) seen.add(id)
    await page.mouse.wheel(0, 500)
    return seen.size
  }
  await expect.poll(look, { timeout: 60_000, intervals: [50] }).toBe(operations.length)

  // A link to one leads there, and opens it.
  await page.goto('/api/docs#/Session/getMe')
  await page.reload()

  const operation = page.locator('#operations-Session-getMe')
  await operation.getByRole('button', { name: 'Try it out' }).click()
  await operation.getByRole('button', { name: 'Execute' }).click()
  await expect(operation.locator('.live-responses-table')).toContainText('oidc:viewer')
  await page.setViewportSize({ width: 360, height: 740 })
  await expectNoSidewaysScrolling(page)
  expect(foreign).toEqual([])
})
