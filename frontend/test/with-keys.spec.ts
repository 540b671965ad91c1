import type { AccessRequestList } from '@hub/shared'
import { expect, test, type Locator, type Page } from '@playwright/test'
import { callApi, changeRead, failOnPolicyViolation } from './portal.ts'

/** How many stops there may be on a page before what is looked for. */
const stopsMax = 80

test.use({ contextOptions: { reducedMotion: 'reduce' } })
test.beforeEach(({ page }) => failOnPolicyViolation(page))

test('an administrator goes everywhere, gives what was asked for, and looks at it as they like', async ({
  page,
  browser,
}) => {
  const asking = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage()
  await signInByKeys(asking, 'Noah Nobody')
  await withdrawFirst(asking)
  await askByKeys(asking)
  await asking.context().close()

  await signInByKeys(page, 'Ada Admin')
  await goTo(page, 'd', 'Deployments')
  await goTo(page, 'i', 'Instances')
  await goTo(page, 'l', 'Audit')
  await goTo(page, 'f', 'Fleet')
  await goTo(page, 'a', 'People')
  await activate(page, page.getByRole('link', { name: /^Requests/ }))
  await activate(page, page.getByRole('button', { name: /^Approve .* for Noah Nobody$/ }))
  const dialog = page.getByRole('dialog', { name: 'Approve the request of Noah Nobody?' })
  await expect(dialog).toBeVisible()
  await activate(page, dialog.getByRole('button', { name: /^Approve for/ }))
  await expect(dialog).toHaveCount(0)
  await expectFocus(page)

  const account = page.getByRole('button', { name: 'Account of Ada Admin' })
  await choose(page, account, 'Dark')
  await closeMenu(page)
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await choose(page, account, 'Compact')
  await closeMenu(page)
  await expect(page.locator('html')).toHaveAttribute('data-density', 'compact')
  await choose(page, page.getByRole('button', { name: 'Help' }), /^Keyboard shortcuts/)
  await closeKeySheet(page)
})

test('a deployer is told what is wrong, mends it, deploys and deletes', async ({ page }) => {
  await signInByKeys(page, 'Dev Deployer')
  await goTo(page, 'i', 'Instances')
  await activate(page, page.getByRole('link', { name: 'demo-east', exact: true }))
  await expect(page.getByRole('heading', { level: 1, name: 'demo-east' })).toBeVisible()
  await activate(page, page.getByRole('link', { name: 'Deploy a model' }))
  await expect(page.getByRole('heading', { level: 1, name: 'Deploy a model' })).toBeVisible()
  await expectFocus(page)
  await reach(page, page.getByLabel('Model', { exact: true }))
  await page.keyboard.type('Qwen/Qwen3-8B')
  const name = page.getByLabel('Name', { exact: true })
  await reach(page, name)
  await page.keyboard.press('Control+a')
  await page.keyboard.type('not.a.label')
  await page.keyboard.press('Enter')
  await expect(name).toHaveAttribute('aria-invalid', 'true')
  await expect(name).toBeFocused()
  await page.keyboard.press('Control+a')
  await page.keyboard.type('by-keys')
  await page.keyboard.press('Enter')

  await expect(page.getByRole('heading', { level: 1, name: 'by-keys' })).toBeVisible()
  await expectFocus(page)
  await activate(page, page.getByRole('button', { name: 'Delete', exact: true }))
  const dialog = page.getByRole('dialog', { name: 'Delete by-keys?' })
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await activate(page, dialog.getByRole('button', { name: 'Delete deployment' }))
  await expect(page.getByRole('heading', { name: 'by-keys was deleted' })).toBeVisible({
    timeout: 60_000,
  })
  await expectFocus(page)

  await goTo(page, 'm', 'My access')
  await activate(page, page.getByRole('button', { name: 'New token' }))
  const tokens = page.getByRole('dialog', { name: 'New API token' })
  await expect(tokens.getByLabel('Name')).toBeFocused()
  await page.keyboard.type('by keys')
  await reach(page, tokens.getByRole('checkbox', { name: 'Every instance' }))
  await page.keyboard.press('Space')
  await activate(page, tokens.getByRole('button', { name: 'Create token' }))
  await expect(tokens.getByText(/^hubpat_/)).toBeVisible()
  await activate(page, tokens.getByRole('button', { name: 'I have copied it' }))
  await expect(tokens).toHaveCount(0)
  await expectFocus(page)
})

test('a viewer finds a deployment, looks at it beside the list, and opens it', async ({ page }) => {
  await signInByKeys(page, 'Vera Viewer')
  await goTo(page, 'd', 'Deployments')
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox')).toBeFocused()
  await page.keyboard.type('phi-4-mini-ins')
  await expect(page).toHaveURL(/q=phi-4-mini-ins/)
  await expect(page.getByRole('link', { name: 'phi-4-mini', exact: true })).toBeVisible()
  await reach(page, page.getByRole('grid', { name: 'Deployments' }))
  await page.keyboard.press('Home')
  await page.keyboard.press('p')
  await expect(page.getByRole('complementary')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('complementary')).toHaveCount(0)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('link', { name: 'Overview' })).toBeVisible()
  await expectFocus(page)
  await page.keyboard.press('?')
  await closeKeySheet(page)
})

test('whoever has no access yet reaches what helps, and signs out', async ({ page }) => {
  await signInByKeys(page, 'Noah Nobody')
  await goTo(page, 'm', 'My access')
  await choose(page, page.getByRole('button', { name: 'Account of Noah Nobody' }), 'Sign out')
  await expect(page.getByRole('link', { name: /continue with demo sign-in/i })).toBeVisible()
})

test('two keys lead on though the page is drawn anew between them', async ({ page }) => {
  await signInByKeys(page, 'Ada Admin')
  let waiting = 7
  let arrive = () => {}
  await changeRead(page, '/api/admin/access-requests', async (list) => {
    await new Promise<void>((resolve) => (arrive = resolve))
    return { ...list, waiting }
  })
  // On a slow machine the second key may come too late.
  await expect(async () => {
    waiting += 1
    await page.goto('/')
    await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible()
    // A key alone leads nowhere, and a page that has just begun is no exception.
    await page.keyboard.press('d')
    await expect(page).toHaveURL(/\/$/)
    await page.keyboard.press('g')
    arrive()
    await expect(page.getByRole('link', { name: `Access ${waiting} requests wait` })).toBeVisible()
    await page.keyboard.press('d')
    const title = page.getByRole('heading', { level: 1, name: 'Deployments' })
    await expect(title).toBeVisible({ timeout: 5_000 })
  }).toPass()
})

test('whoever types ahead of a list that is slow gets to its search', async ({ page }) => {
  await signInByKeys(page, 'Vera Viewer')
  let arrive = () => {}
  const held = new Promise<void>((resolve) => (arrive = resolve))
  // The list's own code, which is loaded when somebody goes there.
  await page.route(/\/assets\/.*\.js$/, async (route) => {
    await held
    await route.continue()
  })
  await page.keyboard.press('g')
  await page.keyboard.press('d')
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox')).toHaveCount(0)
  arrive()
  await expect(page.getByRole('searchbox')).toBeFocused()
})

async function signInByKeys(page: Page, name: string): Promise<void> {
  await page.goto('/')
  await activate(page, page.getByRole('link', { name: /continue with demo sign-in/i }))
  await activate(page, page.getByRole('button', { name: new RegExp(name) }))
  await page.waitForURL((url) => url.pathname === '/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
}

/** What a first try has asked for is in the way of a second one. */
async function withdrawFirst(page: Page): Promise<void> {
  const { text } = await callApi(page, 'GET', '/api/access-requests')
  const { items } = JSON.parse(text) as AccessRequestList
  const left = items.filter((each) => each.instanceId === 'demo-west' && each.state === 'waiting')
  for (const { id } of left) await callApi(page, 'DELETE', `/api/access-requests/${id}`)
}

async function askByKeys(page: Page): Promise<void> {
  await activate(page, page.getByRole('button', { name: 'Ask for access' }))
  const dialog = page.getByRole('dialog', { name: 'Ask for access' })
  await reach(page, dialog.getByRole('combobox', { name: 'Instance' }))
  await page.keyboard.type('demo-west')
  await reach(page, dialog.getByRole('checkbox', { name: 'All namespaces' }))
  await page.keyboard.press('Space')
  await reach(page, dialog.getByLabel('Reason'))
  await page.keyboard.type('To try the speech models')
  await activate(page, dialog.getByRole('button', { name: 'Ask', exact: true }))
  await expect(dialog).toHaveCount(0)
  await expectFocus(page)
}

async function goTo(page: Page, key: string, title: string): Promise<void> {
  await page.keyboard.press('g')
  await page.keyboard.press(key)
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
  await expectFocus(page)
}

async function choose(page: Page, button: Locator, item: string | RegExp): Promise<void> {
  await activate(page, button)
  const wanted = page
    .getByRole('menuitem', { name: item })
    .or(page.getByRole('menuitemradio', { name: item }))
  await expect(wanted).toBeVisible()
  for (let stop = 0; stop < stopsMax && !(await isFocused(wanted)); stop += 1) {
    await page.keyboard.press('ArrowDown')
  }
  await page.keyboard.press('Enter')
}

/** What looks otherwise is looked at while the menu is open. */
async function closeMenu(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await expect(page.getByRole('menu')).toHaveCount(0)
  await expectFocus(page)
}

async function closeKeySheet(page: Page): Promise<void> {
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(sheet).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(sheet).toHaveCount(0)
  await expectFocus(page)
}

async function activate(page: Page, target: Locator): Promise<void> {
  await reach(page, target)
  await page.keyboard.press('Enter')
}

/** Goes on from stop to stop; each of them must be seen. */
async function reach(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  for (let stop = 0; stop < stopsMax; stop += 1) {
    if (await isFocused(target)) {
      await expectVisibleFocus(page)
      return
    }
    await page.keyboard.press('Tab')
  }
  await expect(target).toBeFocused()
}

function isFocused(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === document.activeElement)
}

/** Somebody who goes on by Tab is where they were, and not at the start of the page. */
async function expectFocus(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.tagName ?? 'none'))
    .not.toBe('BODY')
}

/** By an outline, a shadow, or a field's border in the colour of what has the focus. */
async function expectVisibleFocus(page: Page): Promise<void> {
  const readFocus = () =>
    page.evaluate(() => {
      const element = document.activeElement!
      const { borderTopColor, boxShadow, outlineStyle, outlineWidth } = getComputedStyle(element)
      const isRinged = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0
      const probe = element.parentElement!.appendChild(document.createElement('i'))
      probe.style.color = 'var(--input-bd-focus, transparent)'
      const isBordered =
        element.matches('input, textarea') && borderTopColor === getComputedStyle(probe).color
      probe.remove()
      return {
        element: element.outerHTML.slice(0, 200),
        isSeen: isRinged || boxShadow !== 'none' || isBordered,
      }
    })
  await expect.poll(readFocus).toMatchObject({ isSeen: true })
}
