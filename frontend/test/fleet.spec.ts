import { expect, test } from '@playwright/test'
import { findCut } from './find-cut.ts'
import {
  callApi,
  changeRead,
  expectNoSidewaysScrolling,
  failOnPolicyViolation,
  signIn,
} from './portal.ts'

test.beforeEach(({ page }) => failOnPolicyViolation(page))

test('cards say how many GPUs are free, in words and of which product', async ({ page }) => {
  await signIn(page, 'viewer', '/instances')
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

test('the address holds search, filters, status and order of the fleet', async ({ page }) => {
  await signIn(page, 'admin', '/deployments')
  const grid = page.getByRole('grid', { name: 'Deployments' })
  await expect(grid).toBeVisible()
  // It comes up while the tests run, and a filter offers what there is.
  await expect
    .poll(async () => {
      const wanted = 'q=gemma&status=running&namespace=data-science'
      return (
        (await (await page.request.get(`/api/deployments?${wanted}`)).json()) as { total: number }
      ).total
    })
    .toBeGreaterThan(0)
  await expect(page.getByRole('columnheader', { name: 'Status' })).toHaveAttribute(
    'aria-sort',
    'ascending',
  )
  await page.getByRole('searchbox').fill('gemma')
  await expect(page).toHaveURL(/\?q=gemma$/)
  await page.getByRole('button', { name: 'Created' }).click()
  await page.getByText(/^Running \d+$/).click()
  await page.getByRole('button', { name: 'Namespace', exact: true }).nth(0).click()
  await page.getByRole('option', { name: /^data-science/ }).click()
  await expect(page).toHaveURL(/namespace=data-science/)
  await expect(page).toHaveURL(/q=gemma/)
  await expect(page).toHaveURL(/sort=-createdAt/)
  await expect(page).toHaveURL(/status=running/)
  await page.reload()
  await expect(page.getByRole('searchbox')).toHaveValue('gemma')
  await expect(page.getByRole('columnheader', { name: 'Created' })).toHaveAttribute(
    'aria-sort',
    'descending',
  )
  const rows = page.getByRole('row').filter({ has: page.getByRole('gridcell') })
  await expect(rows.first()).toContainText('gemma')
  await expect(rows.filter({ hasNotText: 'gemma' })).toHaveCount(0)
  await expect(rows.filter({ hasNotText: 'data-science' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Namespace: data-science, remove' }).click()
  await expect(page).not.toHaveURL(/namespace/)

  await page.getByRole('searchbox').fill('no-such-model')
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible()
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await expect(page).toHaveURL(/\/deployments\?sort=-createdAt$/)
  await expect(page.getByText(/^\d+ deployments$/)).toBeVisible()
})

test('every row of a long list is there, and those alone are in the page that are seen', async ({
  page,
}) => {
  await signIn(page, 'admin', '/deployments?sort=name')
  const grid = page.getByRole('grid')
  await expect(grid.getByRole('link').first()).toBeVisible()
  const total = Number(await grid.getAttribute('aria-rowcount')) - 1
  expect(total).toBeGreaterThan(100)
  expect(await page.getByRole('row').count()).toBeLessThan(60)
  await grid.focus()
  await page.keyboard.press('End')
  const last = page.locator(`[aria-rowindex="${total + 1}"]`)
  await expect(last.getByRole('link')).toBeInViewport()
  expect(await page.getByRole('row').count()).toBeLessThan(60)
  // The head stays in sight.
  await expect(page.getByRole('columnheader', { name: 'Status' })).toBeInViewport()
})

test('keys move through a list, select, look and open', async ({ page }) => {
  await signIn(page, 'admin', '/deployments?sort=name')
  const grid = page.getByRole('grid')
  const row = (index: number) => page.locator(`[aria-rowindex="${index}"]`)
  await expect(row(4).getByRole('link')).toBeVisible()
  await grid.focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Shift+Space')
  await expect(row(2)).toHaveAttribute('aria-selected', 'true')
  await expect(row(3)).toHaveAttribute('aria-selected', 'true')
  const bar = page.getByRole('region', { name: 'Selection' })
  await expect(bar).toContainText('3 deployments selected')
  await bar.getByRole('button', { name: 'Clear selection' }).click()
  await expect(bar).toHaveCount(0)

  await grid.focus()
  await page.keyboard.press('p')
  const third = await row(4).getByRole('link').innerText()
  await expect(page.getByRole('complementary', { name: third })).toBeVisible()
  await page.keyboard.press('ArrowUp')
  const second = await row(3).getByRole('link').innerText()
  await expect(page.getByRole('complementary', { name: second })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('complementary', { name: second })).toHaveCount(0)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: second })).toBeVisible()
})

test('a view is kept under a name, opened, renamed and removed', async ({ page }) => {
  await signIn(page, 'admin', '/deployments?q=gemma&engine=llamacpp')
  await page.getByRole('button', { name: 'Views' }).click()
  const views = page.getByRole('dialog', { name: 'Views' })
  await views.getByLabel('Name for the current view').fill('Small ones')
  await views.getByRole('button', { name: 'Save' }).click()
  await page.goto('/deployments')
  await page.getByRole('button', { name: 'Views' }).click()
  await views.getByRole('button', { name: 'Rename Small ones' }).click()
  await views.getByLabel('New name for Small ones').fill('On CPUs')
  await views.getByRole('button', { name: 'Rename', exact: true }).click()
  await views.getByRole('button', { name: 'On CPUs', exact: true }).click()
  await expect(page).toHaveURL(/q=gemma/)
  await expect(page).toHaveURL(/engine=llamacpp/)
  await page.getByRole('button', { name: 'Views' }).click()
  await views.getByRole('button', { name: 'Delete On CPUs' }).click()
  await expect(views.getByRole('button', { name: 'On CPUs', exact: true })).toHaveCount(0)
})

test('a column that somebody takes away stays away, and a lost instance is a line to dismiss', async ({
  page,
}) => {
  await signIn(page, 'admin', '/deployments')
  const lost = page.getByText(/^1 instance cannot be read: demo-lost · /)
  await expect(lost).toBeVisible()
  await page.getByRole('button', { name: 'Dismiss' }).click()
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Model' }).click()
  await expect(page.getByRole('columnheader', { name: 'Model' })).toHaveCount(0)
  await page.reload()
  await expect(page.getByRole('columnheader', { name: 'Namespace' })).toBeVisible()
  await expect(page.getByRole('columnheader', { name: 'Model' })).toHaveCount(0)
  await expect(lost).toHaveCount(0)
})

test('at 360 px a list is rows of two lines, and its order is in a menu', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 })
  await signIn(page, 'admin', '/deployments')
  const row = page
    .getByRole('row')
    .filter({ has: page.getByRole('link') })
    .first()
  await expect(row.getByRole('gridcell')).toHaveCount(2)
  await page.getByRole('button', { name: 'Sort' }).click()
  await page.getByRole('menuitemradio', { name: 'Deployment' }).click()
  await expect(page).toHaveURL(/sort=name/)
  await expectNoSidewaysScrolling(page)
})

test('at 360 px names of any length are whole, and their rows as high as that takes', async ({
  page,
}) => {
  const long = { name: `llama-${'long-'.repeat(11)}x`, namespace: 'team-'.repeat(12) + 'x' }
  const model = { id: `an-organization/${'A-very-long-name-'.repeat(6)}`, servedName: 'long' }
  await changeRead(page, '/api/deployments', (list) => {
    const { items } = list as { items: object[] }
    return {
      ...list,
      items: items.map((item, at) => (at % 3 === 1 ? { ...item, ...long, model } : item)),
    }
  })
  await page.setViewportSize({ width: 360, height: 740 })
  await signIn(page, 'viewer', '/deployments')
  const rows = page.getByRole('grid', { name: 'Deployments' }).getByRole('row')
  await expect(rows.filter({ hasText: long.name }).first()).toBeVisible()
  for (const top of [0, 2_000, 4_000]) {
    await page.evaluate((y) => window.scrollTo(0, y), top)
    await expect.poll(() => findCut(page)).toEqual([])
    const gaps = () =>
      rows.evaluateAll((all) => {
        const boxes = all.slice(1).map((row) => row.getBoundingClientRect())
        const gap = boxes.slice(1).map(({ top: next }, at) => next - boxes[at]!.bottom)
        // A height is kept in whole pixels.
        return gap.filter((pixels) => Math.abs(pixels) > 1)
      })
    await expect.poll(gaps).toEqual([])
  }
})

for (const [path, parts] of [
  ['/', ['deployments', 'fleet/activity', 'fleet/history', 'fleet/map', 'instances']],
  ['/deployments', ['deployments', 'instances']],
] as const) {
  test(`all that ${path} begins with is one request`, async ({ page }) => {
    const asked: URL[] = []
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (url.pathname.startsWith('/api/') && url.pathname !== '/api/stream') asked.push(url)
    })
    await signIn(page, 'viewer', path)
    await expect(page.locator('main').getByRole('link').first()).toBeVisible()
    const [me, batch, ...later] = asked
    expect([me?.pathname, batch?.pathname]).toEqual(['/api/auth/me', '/api/batch'])
    const together = batch!.searchParams.getAll('get').map((part) => part.split('?')[0]!)
    expect(together.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(parts.map(toPath))
    expect(later.filter(({ pathname }) => together.includes(pathname))).toEqual([])
  })
}

test('whoever waits for home sees that something comes', async ({ page }) => {
  let answer = () => {}
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  await changeRead(page, '/api/fleet/map', async (map) => {
    await answered
    return map
  })
  await signIn(page, 'viewer')
  await expect(page.getByText('Loading the GPUs')).toBeAttached()
  answer()
  await expect(page.getByRole('region', { name: 'GPUs', exact: true })).toBeVisible()
  await expect(page.getByText('Loading the GPUs')).toHaveCount(0)
})

test('a filtered list takes up, moves and drops a deployment by itself', async ({ page }) => {
  const path = '/api/instances/demo-east/namespaces/ml-team/deployments'
  await signIn(page, 'deployer', '/deployments?q=live-row')
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible()
  const created = await callApi(page, 'POST', path, {
    name: 'live-row',
    spec: { model: { id: 'Qwen/Qwen3-8B' }, resources: { gpu: { count: 1 } } },
  })
  expect(created.status).toBe(201)
  const row = page.getByRole('row', { name: /live-row/ })
  await expect(row).toBeVisible()
  await expect(page.getByRole('columnheader', { name: 'Owner' })).toBeVisible()
  await expect(row).toContainText('Dev Deployer')
  await expect(row).toContainText('Running', { timeout: 40_000 })
  await expect(page.getByText('Running 1', { exact: true })).toBeVisible()
  await callApi(page, 'DELETE', `${path}/live-row`)
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible({
    timeout: 30_000,
  })
})

test('the deploy form warns of GPUs that no node has free, and stops nobody', async ({ page }) => {
  await signIn(page, 'deployer', '/instances/demo-east/deploy')
  await page.getByLabel('GPUs per replica').fill('64')
  await expect(page.getByText(/each replica asks for 64/)).toBeVisible()
  await expect(page.getByRole('button', { name: 'Deploy', exact: true })).toBeEnabled()
  await page.getByLabel('GPUs per replica').fill('1')
  await expect(page.getByText(/each replica asks for/)).toHaveCount(0)
})

test('a link opens here, or in another tab where somebody asks for one', async ({
  page,
  context,
}) => {
  await signIn(page, 'viewer', '/')
  const link = page.getByRole('main').getByRole('link', { name: 'demo-east', exact: true })
  await expect(link).toHaveAttribute('href', '/instances/demo-east')
  // None of them is the portal's to answer.
  await page.evaluate(() => {
    const answered: boolean[] = []
    Object.assign(window, { answered })
    addEventListener('click', ({ defaultPrevented }) => answered.push(defaultPrevented))
  })
  // Chromium, where it has little of a processor, forgets one in twenty such clicks: the page has it, and no tab opens.
  await expect(async () => {
    const [tab] = await Promise.all([
      context.waitForEvent('page', { timeout: 10_000 }),
      link.click({ modifiers: ['ControlOrMeta'] }),
    ])
    await expect(tab).toHaveURL(/\/instances\/demo-east$/)
    await tab.close()
  }).toPass()
  const answered = await page.evaluate(
    () => (window as unknown as { answered: boolean[] }).answered,
  )
  expect(new Set(answered)).toEqual(new Set([false]))
  await expect(page).toHaveURL(/\/$/)
  await page.evaluate(() => Object.assign(window, { isSamePage: true }))
  await link.click()
  await expect(page).toHaveURL(/\/instances\/demo-east$/)
  await expect(page.getByRole('main')).toBeFocused()
  expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true)
})

function toPath(part: string): string {
  return `/api/${part}`
}
