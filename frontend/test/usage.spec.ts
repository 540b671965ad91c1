import { expect, test } from '@playwright/test'
import { callApi, failOnPolicyViolation, signIn } from './portal.ts'

test.beforeEach(({ page }) => failOnPolicyViolation(page))

test('what a token for models alone uses appears in the usage, and the token does nothing else', async ({
  page,
  playwright,
  baseURL,
}) => {
  await signIn(page, 'viewer')
  // Others may have called models as the same person before.
  const countRequests = async (): Promise<number> =>
    JSON.parse((await callApi(page, 'GET', '/api/usage')).text).total.requests
  const before = await countRequests()
  await page.goto('/me')
  await page.getByRole('button', { name: 'New token' }).click()
  const dialog = page.getByRole('dialog', { name: 'New API token' })
  await dialog.getByLabel('Name').fill('assistant')
  await dialog.getByRole('radio', { name: 'Models only' }).check()
  await expect(dialog.getByLabel('At most')).toHaveCount(0)
  await dialog.getByRole('checkbox', { name: 'Every instance' }).check()
  await dialog.getByRole('button', { name: 'Create token' }).click()
  const secret = (await dialog.getByText(/^hubpat_/).textContent())!

  const program = await playwright.request.newContext({
    ...(baseURL !== undefined && { baseURL }),
    extraHTTPHeaders: { authorization: `Bearer ${secret}`, accept: 'application/json' },
  })
  expect((await program.get('/api/instances')).status()).toBe(403)
  const { data } = (await (await program.get('/v1/models')).json()) as { data: { id: string }[] }
  const name = data.map(({ id }) => id).find((id) => id.split('/').length === 3)!
  const model = { model: name, messages: [{ role: 'user', content: 'Good morning.' }] }
  expect((await program.post('/v1/chat/completions', { data: model })).status()).toBe(200)
  await program.dispose()

  await page.goto('/usage')
  await expect(page.getByRole('heading', { level: 1, name: 'Usage' })).toBeVisible()
  await expect(page.getByRole('radio', { name: 'Everybody’s' })).toHaveCount(0)
  // Counts are written every ten seconds.
  await expect.poll(countRequests).toBeGreaterThan(before)
  await page.reload()
  await expect(page.getByRole('table', { name: 'By model' })).toBeVisible()
  await page.getByRole('combobox', { name: 'By' }).click()
  await page.getByRole('option', { name: 'By instance' }).click()
  await expect(page).toHaveURL(/by=instance/)
  const table = page.getByRole('table', { name: 'By instance' })
  await expect(table.getByRole('row', { name: /^demo-east [1-9]/ })).toBeVisible()
  const href = await page.getByRole('link', { name: 'Download CSV' }).getAttribute('href')
  const csv = await page.request.get(href!)
  expect(await csv.text()).toMatch(/^instance,name,requests,/)
})
