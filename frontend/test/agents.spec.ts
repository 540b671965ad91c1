import { expect, test, type Browser, type Page } from '@playwright/test'
import { expectNoSidewaysScrolling, failOnPolicyViolation, signIn } from './portal.ts'

test.beforeEach(({ page }) => failOnPolicyViolation(page))

/** A tool called as an agent calls it, by the revision of the protocol that needs no greeting. */
async function callTool(page: Page, token: string, name: string, args: object) {
  const response = await page.request.post('/mcp', {
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    },
    data: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } },
  })
  expect(response.status()).toBe(200)
  return response.text()
}

test('somebody connects an agent, and sees what it did in their name', async ({ page }) => {
  await signIn(page, 'deployer')
  await page.getByRole('button', { name: /^Go to/ }).click()
  await page.getByRole('textbox', { name: 'Go to' }).fill('agent')
  await page.getByRole('button', { name: 'Connect an agent' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Agents' })).toBeVisible()
  await expect(page.getByText('Nothing yet')).toBeVisible()

  const connect = page.getByRole('region', { name: 'Connect an agent' })
  const address = new URL('/mcp', page.url()).href
  const configuration = connect.getByRole('region', { name: 'Configuration' })
  await expect(configuration).toContainText(`claude mcp add --transport http hub ${address}`)
  await connect.getByRole('combobox', { name: 'Client' }).click()
  await page.getByRole('option', { name: 'VS Code' }).click()
  await expect(configuration).toContainText('"servers"')
  await expect(configuration).toContainText(address)

  await connect.getByRole('button', { name: 'Make a token' }).click()
  const dialog = page.getByRole('dialog', { name: 'New token for an agent' })
  await dialog.getByRole('textbox', { name: 'Name' }).fill('editor')
  await dialog.getByRole('combobox', { name: 'At most' }).click()
  await expect(page.getByRole('option', { name: /^Administrator/ })).toHaveCount(0)
  await page.getByRole('option', { name: /^Deployer/ }).click()
  await dialog.getByRole('checkbox', { name: 'Every instance' }).check()
  await dialog.getByRole('textbox', { name: 'Calls per day' }).fill('40')
  await dialog.getByRole('textbox', { name: 'GPUs' }).fill('2')
  await dialog.getByRole('button', { name: 'Create token' }).click()
  const example = await dialog.getByRole('region', { name: 'An example' }).innerText()
  const token = /hubpat_\w+/.exec(example)![0]
  await dialog.getByRole('button', { name: 'I have copied it' }).click()

  expect(await callTool(page, token, 'who_am_i', {})).toContain('oidc:deployer')
  const place = { instance: 'demo-east', namespace: 'kube-system', name: 'made-by-an-agent' }
  await callTool(page, token, 'delete_deployment', place)

  await page.reload()
  const calls = page.getByRole('list', { name: 'What agents did' })
  await expect(calls.getByRole('listitem')).toHaveCount(1)
  await expect(calls).toContainText('delete_deployment')
  await expect(calls).toContainText('demo-east / kube-system')
  await expect(calls).toContainText('editor')
  await expect(calls).toContainText('Denied')
  await page.setViewportSize({ width: 360, height: 740 })
  await expectNoSidewaysScrolling(page)

  await page.goto('/me')
  const row = page.getByRole('listitem').filter({ hasText: 'editor' })
  await expect(row).toContainText('2 of 40 calls used today')
  await expect(row).toContainText('0 of 2 GPUs held')
})

async function sendPolicy(browser: Browser, method: 'PUT' | 'DELETE', change: object = {}) {
  const context = await browser.newContext()
  const page = await context.newPage()
  await signIn(page, 'admin')
  const path = '/api/instances/demo-west/policy'
  const {
    changedAt: _,
    changedBy: __,
    source: ___,
    ...policy
  } = await (await page.request.get(path)).json()
  const headers = { origin: new URL(page.url()).origin }
  const answer = await page.request.fetch(path, {
    method,
    headers,
    ...(method === 'PUT' && { data: { ...policy, ...change } }),
  })
  expect(answer.status()).toBe(200)
  await context.close()
}

test('an agent asks before it deletes, and its person says yes', async ({ browser, page }) => {
  await sendPolicy(browser, 'PUT', { confirmAgents: true })
  await signIn(page, 'deployer', '/me/agents')
  await expect(page.getByText(/^Nothing. Where an instance/)).toBeVisible()
  const headers = { origin: new URL(page.url()).origin }
  const made = await page.request.post('/api/auth/tokens', {
    headers,
    data: { name: 'tidier', roleCeiling: 'deployer', expiresInDays: 1 },
  })
  const { secret } = (await made.json()) as { secret: string }
  const place = { instance: 'demo-west', namespace: 'ml-team', name: 'asks-first' }
  const spec = { model: { id: 'Qwen/Qwen3-8B' }, engine: { type: 'vllm' } }
  await callTool(page, secret, 'create_deployment', { ...place, spec })
  expect(await callTool(page, secret, 'delete_deployment', place)).toContain('/me/agents?')

  const asked = page.getByRole('list', { name: 'What agents ask' })
  await expect(asked).toContainText('Delete asks-first')
  await expect(asked).toContainText('tidier')
  await page.getByRole('button', { name: 'Approve: delete asks-first' }).click()
  const dialog = page.getByRole('dialog', { name: 'Let the agent delete asks-first?' })
  await expect(dialog).toContainText('demo-west')
  await page.setViewportSize({ width: 360, height: 740 })
  await expectNoSidewaysScrolling(page)
  await dialog.getByRole('button', { name: 'Let it delete' }).click()
  await expect(asked).toContainText('Approved')
  await expectNoSidewaysScrolling(page)
  expect(await callTool(page, secret, 'delete_deployment', place)).not.toContain('isError')
  await expect(asked).toContainText('Done')
  await sendPolicy(browser, 'DELETE')
})
