import { expect, test, type Page } from '@playwright/test'
import { findViolations } from './axe.ts'
import { keepPages, leave } from './kept-pages.ts'
import { callApi, expectNoSidewaysScrolling, signIn } from './portal.ts'
import { ports } from './ports.ts'

// What moves is looked at where it ends: text that is half there is pale.
test.use({ contextOptions: { reducedMotion: 'reduce' } })

const llama = '/instances/demo-east/namespaces/ml-team/deployments/llama-3-1-8b'

const pages = [
  ['sign-in', '/login', 'newcomer'],
  ['no access', '/', 'nobody'],
  ['the fleet', '/', 'viewer'],
  ['instances', '/instances', 'viewer'],
  ['an instance', '/instances/demo-east', 'viewer'],
  ["an instance's cluster", '/instances/demo-east?tab=cluster', 'admin'],
  ['a lost cluster', '/instances/demo-lost?tab=cluster', 'admin'],
  ["a credential's permissions", '/instances/demo-east?tab=cluster', 'admin', 'Details'],
  ['instances and their credentials', '/instances', 'admin'],
  ['the form for a cluster', '/instances', 'admin', 'Add a cluster'],
  ['deployments', '/deployments', 'viewer'],
  ['a preview beside deployments', '/deployments', 'viewer', 'Preview'],
  ['what deployments are narrowed to', '/deployments', 'viewer', 'Model'],
  ['saved views', '/deployments?q=llama', 'viewer', 'Views'],
  ['the deploy form', '/instances/demo-east/deploy', 'deployer'],
  ['my access', '/me', 'deployer'],
  ['the form for a token', '/me', 'deployer', 'New token'],
  ['agents', '/me/agents', 'deployer'],
  ['the form for a token of an agent', '/me/agents', 'deployer', 'Make a token'],
  ['the form to ask for access', '/me?ask=true&instance=demo-west', 'viewer'],
  ['an instance that is not seen', '/instances/demo-west', 'viewer'],
  ['people', '/access/people', 'admin'],
  ['programs', '/access/programs', 'admin'],
  ['group mappings', '/access/groups', 'admin'],
  ['the form for a group', '/access/groups', 'admin', 'Map a group'],
  ['waiting requests', '/access/requests', 'admin'],
  ['decided requests', '/access/requests?status=decided', 'admin'],
  ['why somebody may do something', '/access/why', 'admin'],
  ['the usage', '/usage?who=all', 'admin'],
  ['the audit log', '/audit', 'admin'],
  ["the audit log's filters", '/audit?outcome=success', 'admin', 'More filters'],
  ['a proof of who one is', '/login?again=true', 'newcomer'],
  ["a deployment's pods", `${llama}?tab=pods`, 'viewer'],
  ["a deployment's log", `${llama}?tab=logs`, 'viewer'],
  ["a deployment's metrics", `${llama}?tab=metrics`, 'viewer'],
  ['a chat with a model', `${llama}?tab=try`, 'viewer', 'System prompt and parameters'],
  ['the form for a token for a model', llama, 'deployer', 'Make a token for it'],
  ["a deployment's events", `${llama}?tab=events`, 'viewer'],
  ["a deployment's YAML", `${llama}?tab=yaml`, 'viewer'],
  ["a deployment's history", `${llama}?tab=history`, 'viewer'],
  ['what can be changed', llama, 'deployer', 'Change'],
  ['the form to edit', `${llama}/edit`, 'deployer'],
  ['variables in the deploy form', '/instances/demo-east/deploy', 'deployer', 'Environment'],
  ['storage in the deploy form', '/instances/demo-east/deploy', 'deployer', 'Model and storage'],
  ['templates', '/templates', 'admin'],
  ['the form for a template', '/templates', 'admin', 'New template'],
  ['the form for a policy', '/instances/demo-east?tab=cluster', 'admin', 'Change policy'],
  ['the form for maintenance', '/instances/demo-east?tab=cluster', 'admin', 'Close for'],
  ['a page that is not there', '/no-such-page', 'viewer'],
  ['help', '/instances', 'viewer', 'Help'],
  ['the account', '/instances', 'viewer', 'Account of Vera Viewer'],
  ["kubectl's sign-in", '/cli/', 'newcomer'],
] as const

const pageOf = keepPages({
  baseURL: `http://127.0.0.1:${ports.demo}`,
  reducedMotion: 'reduce',
})

for (const [name, path, as, button] of pages) {
  test(`${name} meets WCAG 2.2 AA in light and dark, and fits into 360 px`, async ({ browser }) => {
    const page = await pageOf(browser, as)
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await page.waitForLoadState('load')
    await expect(page.locator('.mantine-Skeleton-root, [aria-busy="true"]')).toHaveCount(0)
    if (button !== undefined) await page.getByRole('button', { name: button }).click()
    await expectAccessible(page, as === 'newcomer' ? 'on load' : 'at once')
    await leave(page)
  })
}

test('what people did and asked for meets WCAG 2.2 AA in light and dark, and fits into 360 px', async ({
  page,
  browser,
}) => {
  const asking = await (await browser.newContext()).newPage()
  await signIn(asking, 'nobody')
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

  await signIn(page, 'admin', '/access/requests')
  const request = page.getByRole('listitem').filter({ hasText: 'demo-light' })
  await expect(request).toContainText('can only be refused')
  await expectAccessible(page)
  await request.getByRole('button', { name: /^Refuse/ }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectAccessible(page)

  await page.goto('/access/people?q=nobody')
  await page.getByRole('link', { name: 'Noah Nobody' }).click()
  await expect(page.getByRole('region', { name: 'Roles' })).toContainText('holds no role')
  await expect(page.locator('.mantine-Skeleton-root, [aria-busy="true"]')).toHaveCount(0)
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
    expect([colorScheme, await findViolations(page)]).toEqual([colorScheme, []])
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

for (const [name, path] of [
  ['a place', '/access/requests'],
  ['a status', '/deployments'],
  ['a tab', '/instances/demo-east'],
  ['a part of a deployment', llama],
] as const) {
  test(`in forced colours ${name} that is chosen stands out from the others`, async ({ page }) => {
    await page.emulateMedia({ forcedColors: 'active' })
    await signIn(page, 'admin', path)
    await expect(page.getByRole('heading').first()).toBeVisible()
    const chosen = page.locator(
      'a[aria-current="page"], [aria-selected="true"]:visible, label:has(> :checked)',
    )
    await expect(chosen.nth(1)).toBeVisible()
    const colors = await chosen.evaluateAll((all) =>
      all.map((each) => [getComputedStyle(each).backgroundColor, getComputedStyle(each).color]),
    )
    const system = await page.evaluate(() => {
      const probe = document.body.appendChild(document.createElement('p'))
      probe.style.cssText = 'background: Highlight; color: HighlightText'
      const { backgroundColor, color } = getComputedStyle(probe)
      probe.remove()
      return [backgroundColor, color]
    })
    expect(colors).toEqual(colors.map(() => system))
  })
}

test('in forced colours the legend has the colours of the map', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' })
  await signIn(page, 'admin')
  const swatch = page.locator('li', { hasText: /^ml-team/ }).locator('[data-kind="held"]')
  await expect(swatch).toHaveCSS('background-color', 'rgb(232, 89, 12)')
})
