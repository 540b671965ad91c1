import { AxeBuilder } from '@axe-core/playwright'
import { expect, test, type Page } from '@playwright/test'
import { callApi, expectNoSidewaysScrolling, signIn } from './portal.ts'

// What moves is looked at where it ends: text that is half there is pale.
test.use({ contextOptions: { reducedMotion: 'reduce' } })

const llama = '/instances/demo-east/namespaces/ml-team/deployments/llama-3-1-8b'

const pages = [
  ['sign-in', '/login', null],
  ['no access', '/', /nobody/i],
  ['the fleet', '/', /viewer/i],
  ['instances', '/instances', /viewer/i],
  ['an instance', '/instances/demo-east', /viewer/i],
  ["an instance's cluster", '/instances/demo-east?tab=cluster', /admin/i],
  ['a lost cluster', '/instances/demo-lost?tab=cluster', /admin/i],
  ["a credential's permissions", '/instances/demo-east?tab=cluster', /admin/i, 'Details'],
  ['instances and their credentials', '/instances', /admin/i],
  ['the form for a cluster', '/instances', /admin/i, 'Add a cluster'],
  ['deployments', '/deployments', /viewer/i],
  ['a preview beside deployments', '/deployments', /viewer/i, 'Preview'],
  ['what deployments are narrowed to', '/deployments', /viewer/i, 'Model'],
  ['saved views', '/deployments?q=llama', /viewer/i, 'Views'],
  ['the deploy form', '/instances/demo-east/deploy', /deployer/i],
  ['my access', '/me', /deployer/i],
  ['the form for a token', '/me', /deployer/i, 'New token'],
  ['agents', '/me/agents', /deployer/i],
  ['the form for a token of an agent', '/me/agents', /deployer/i, 'Make a token'],
  ['the form to ask for access', '/me?ask=true&instance=demo-west', /viewer/i],
  ['an instance that is not seen', '/instances/demo-west', /viewer/i],
  ['people', '/access/people', /admin/i],
  ['programs', '/access/programs', /admin/i],
  ['group mappings', '/access/groups', /admin/i],
  ['the form for a group', '/access/groups', /admin/i, 'Map a group'],
  ['waiting requests', '/access/requests', /admin/i],
  ['decided requests', '/access/requests?status=decided', /admin/i],
  ['why somebody may do something', '/access/why', /admin/i],
  ['the usage', '/usage?who=all', /admin/i],
  ['the audit log', '/audit', /admin/i],
  ["the audit log's filters", '/audit?outcome=success', /admin/i, 'More filters'],
  ['a proof of who one is', '/login?again=true', null],
  ["a deployment's pods", `${llama}?tab=pods`, /viewer/i],
  ["a deployment's log", `${llama}?tab=logs`, /viewer/i],
  ["a deployment's metrics", `${llama}?tab=metrics`, /viewer/i],
  ['a chat with a model', `${llama}?tab=try`, /viewer/i, 'System prompt and parameters'],
  ['the form for a token for a model', llama, /deployer/i, 'Make a token for it'],
  ["a deployment's events", `${llama}?tab=events`, /viewer/i],
  ["a deployment's YAML", `${llama}?tab=yaml`, /viewer/i],
  ["a deployment's history", `${llama}?tab=history`, /viewer/i],
  ['what can be changed', llama, /deployer/i, 'Change'],
  ['the form to edit', `${llama}/edit`, /deployer/i],
  ['variables in the deploy form', '/instances/demo-east/deploy', /deployer/i, 'Environment'],
  ['storage in the deploy form', '/instances/demo-east/deploy', /deployer/i, 'Model and storage'],
  ['templates', '/templates', /admin/i],
  ['the form for a template', '/templates', /admin/i, 'New template'],
  ['the form for a policy', '/instances/demo-east?tab=cluster', /admin/i, 'Change policy'],
  ['the form for maintenance', '/instances/demo-east?tab=cluster', /admin/i, 'Close for'],
  ['a page that is not there', '/no-such-page', /viewer/i],
  ['help', '/instances', /viewer/i, 'Help'],
  ['the account', '/instances', /viewer/i, 'Account of Vera Viewer'],
  ["kubectl's sign-in", '/cli/', null],
] as const

for (const [name, path, persona, button] of pages) {
  test(`${name} meets WCAG 2.2 AA in light and dark, and fits into 360 px`, async ({ page }) => {
    if (persona) await signIn(page, persona)
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await page.waitForLoadState('load')
    await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0)
    if (button !== undefined) await page.getByRole('button', { name: button }).click()
    await expectAccessible(page, persona === null ? 'on load' : 'at once')
  })
}

test('what people did and asked for meets WCAG 2.2 AA in light and dark, and fits into 360 px', async ({
  page,
  browser,
}) => {
  const asking = await (await browser.newContext()).newPage()
  await signIn(asking, /nobody/i)
  await callApi(asking, 'POST', '/api/access-requests', {
    role: 'deployer',
    instanceId: 'demo-light',
    namespaces: ['ml-team'],
    reason: 'Roll out the new embedding model',
    minutes: 480,
  })
  await asking.goto('/')
  await expect(asking.getByRole('list', { name: 'Your requests' })).toBeVisible()
  await expectAccessible(asking)
  await asking.context().close()

  await signIn(page, /admin/i)
  await page.goto('/access/requests')
  const request = page.getByRole('listitem').filter({ hasText: 'demo-light' })
  await expect(request).toContainText('can only be refused')
  await expectAccessible(page)
  await request.getByRole('button', { name: /^Refuse/ }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectAccessible(page)

  await page.goto('/access/people?q=nobody')
  await page.getByRole('link', { name: 'Noah Nobody' }).click()
  await expect(page.getByRole('region', { name: 'Roles' })).toContainText('holds no role')
  await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0)
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Give a role' }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectAccessible(page)

  await page.goto('/audit?action=access-request.create')
  await page
    .getByRole('button', { name: /Asked for access/ })
    .first()
    .click()
  await expect(page.getByRole('table', { name: 'After' })).toBeVisible()
  await expectAccessible(page)
})

async function expectAccessible(page: Page, turns: Turns = 'at once'): Promise<void> {
  await page.setViewportSize({ width: 360, height: 740 })
  await expectNoSidewaysScrolling(page)
  await page.setViewportSize({ width: 1280, height: 720 })
  for (const colorScheme of ['light', 'dark'] as const) {
    await show(page, colorScheme, turns)
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      .analyze()
    const found = violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])
    expect([colorScheme, found]).toEqual([colorScheme, []])
  }
}

/** When a page follows the system's scheme: one without the portal's script does as it loads. */
type Turns = 'at once' | 'on load'

async function show(page: Page, colorScheme: 'light' | 'dark', turns: Turns): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  if (turns === 'on load') await page.reload()
  else {
    const root = page.locator('html')
    await expect(root).toHaveAttribute('data-mantine-color-scheme', colorScheme)
  }
}
