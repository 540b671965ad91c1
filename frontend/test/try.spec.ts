import { expect, test } from '@playwright/test'
import {
  callApi,
  changeRead,
  expectNoSidewaysScrolling,
  failOnPolicyViolation,
  signIn,
} from './portal.ts'

const address = '/instances/demo-east/namespaces/ml-team/deployments/llama-3-1-8b'

test.beforeEach(({ page }) => failOnPolicyViolation(page))

test('metrics of a model that runs come as charts and as tables, and go on', async ({ page }) => {
  await signIn(page, 'viewer', address)
  await page.getByRole('link', { name: 'Metrics' }).click()
  await expect(page).toHaveURL(/tab=metrics/)
  const requests = page.getByRole('region', { name: 'Requests', exact: true })
  await expect(requests.getByText('Running', { exact: true }).first()).toBeVisible()
  await expect(requests.locator('canvas')).toBeVisible()
  // Rates come with the second reading.
  const tokens = page.getByRole('region', { name: 'Tokens per second' })
  await expect(tokens.locator('dd').first()).toHaveText(/^[\d,.]+\/s$/, { timeout: 30_000 })
  await expect(
    page.getByRole('region', { name: 'Time to first token' }).locator('dd').first(),
  ).toHaveText(/^[\d.]+ m?s$/)
  await tokens.getByRole('button', { name: 'Show as a table' }).click()
  const table = tokens.getByRole('table', { name: 'Tokens per second over time' })
  await expect(table.getByRole('row').nth(1)).toContainText('/s')
  await page.getByText('2 hours').click()
  await expect(table).toBeVisible()
})

test('a model is talked to, is stopped, and is asked again, by keys alone', async ({ page }) => {
  await signIn(page, 'viewer', `${address}?tab=try`)
  const message = page.getByRole('textbox', { name: 'Message' })
  await message.fill('Good')
  await message.press('Shift+Enter')
  await message.pressSequentially('morning <b>you</b>')
  await message.press('Enter')
  const answer = page.getByRole('article', { name: 'Answer of llama-3-1-8b' })
  await expect(answer).toContainText('You said: Good morning <b>you</b>')
  await expect(answer).toContainText(/tokens · [\d.]+ tokens\/s · first token after/)
  await expect(page.getByText('llama-3-1-8b has answered.')).toBeAttached()
  await expect(message).toHaveValue('')

  await message.fill('word '.repeat(300))
  await message.press('Enter')
  const second = answer.nth(1)
  await expect(second).toContainText('You said: word')
  // The end stays in sight while the answer grows.
  await expect(message).toBeInViewport()
  await message.press('Escape')
  await expect(second).toContainText('Stopped')
  await second.getByRole('button', { name: 'Try again' }).click()
  await expect(second).not.toContainText('Stopped')
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(second).toContainText('Stopped')
  await page.getByRole('button', { name: 'Start over' }).click()
  await expect(answer).toHaveCount(0)
})

test('several models are asked the same, side by side, with parameters', async ({ page }) => {
  await signIn(page, 'admin', `${address}?tab=try`)
  const compare = page.getByRole('combobox', { name: 'Compare with another deployment' })
  await compare.fill('qwen')
  const choice = page.getByRole('option', { name: /qwen/i }).first()
  const name = (await choice.innerText()).split(' on ')[0]!
  await choice.click()
  await expect(page.getByRole('list', { name: 'Compared' }).getByRole('listitem')).toHaveCount(2)
  await page.getByRole('button', { name: 'System prompt and parameters' }).click()
  await page.getByRole('textbox', { name: 'Max tokens' }).fill('3')
  await page.getByRole('textbox', { name: 'Message' }).fill('Hello there')
  await page.getByRole('button', { name: 'Send' }).click()
  for (const each of ['llama-3-1-8b', name]) {
    const answer = page.getByRole('article', { name: `Answer of ${each}` })
    await expect(answer).toContainText('You said: Hello')
    await expect(answer).not.toContainText('there')
    await expect(answer).toContainText('3 tokens')
  }
  await page.setViewportSize({ width: 360, height: 800 })
  await expectNoSidewaysScrolling(page)
})

test('a base model goes on with a text', async ({ page }) => {
  await signIn(page, 'viewer', `${address}?tab=try`)
  await page.getByRole('button', { name: 'System prompt and parameters' }).click()
  await page.getByText('Completion, for base models').click()
  await page.getByRole('textbox', { name: 'Text to continue' }).fill('Once upon')
  await page.getByRole('button', { name: 'Send' }).click()
  await expect(page.getByRole('article')).toContainText('You said: Once upon')
})

test('a model that does not run says so on both pages', async ({ page }) => {
  await signIn(page, 'deployer')
  const deployments = '/api/instances/demo-east/namespaces/ml-team/deployments'
  const made = await callApi(page, 'POST', deployments, {
    name: 'demo-no-image',
    spec: { model: { id: 'Qwen/Qwen3-8B' } },
  })
  expect(made.status).toBe(201)
  try {
    const at = '/instances/demo-east/namespaces/ml-team/deployments/demo-no-image'
    await page.goto(`${at}?tab=try`)
    await expect(
      page.getByRole('heading', { name: 'demo-no-image does not answer yet' }),
    ).toBeVisible()
    await expect(page.getByRole('textbox', { name: 'Message' })).toHaveCount(0)
    await page.getByRole('link', { name: 'Metrics' }).click()
    await expect(page.getByRole('heading', { name: 'No metrics yet' })).toBeVisible()
  } finally {
    await callApi(page, 'DELETE', `${deployments}/demo-no-image`)
  }
})

test('programs are told how to call a model, and get a token that does nothing else', async ({
  page,
}) => {
  await signIn(page, 'deployer', address)
  const panel = page.getByRole('region', { name: 'Call it' })
  await expect(panel).toContainText('/v1')
  await panel.getByText('TypeScript').click()
  await expect(panel.getByRole('region', { name: 'TypeScript' })).toContainText('baseURL')
  await panel.getByRole('button', { name: 'Make a token for it' }).click()
  await page.getByRole('button', { name: 'Create token' }).click()
  const secret = (
    await page
      .getByText(/^hubpat_/)
      .first()
      .innerText()
  ).trim()
  const asToken = (path: string) =>
    page.request.get(path, { headers: { authorization: `Bearer ${secret}` } })
  expect((await asToken('/v1/models')).status()).toBe(200)
  expect((await asToken(`/api${address}`)).status()).toBe(403)
})

test('whoever may not call a model is told so, and offered no token for it', async ({ page }) => {
  await changeRead(page, `/api${address}/route`, (route) => ({ ...route, mayUse: false }))
  await signIn(page, 'viewer', address)
  const panel = page.getByRole('region', { name: 'Call it' })
  await expect(panel).toContainText('Models here are for deployers')
  await expect(panel.getByRole('button', { name: 'Make a token for it' })).toHaveCount(0)
})
