import { readFile } from 'node:fs/promises'
import { startApiServer, type Cluster } from '@hub/demo'
import { expect, test, type Browser, type Page } from '@playwright/test'
import { startTokenIssuer, type TokenIssuer } from '../../backend/test/token-issuer.ts'
import { ownHubUrl, startOwnHub, type OwnHub } from './own-hub.ts'
import { findViolations } from './axe.ts'
import {
  callApi,
  endSessionOf,
  expectNoSidewaysScrolling,
  failOnPolicyViolation,
  readKept,
  signIn,
  signInAgain,
  type Persona,
} from './portal.ts'

test.use({ baseURL: ownHubUrl })

let hub: OwnHub
let cluster: Cluster
let issuer: TokenIssuer

/** People without any role; the deployer alone holds one, on prod-east. */
test.beforeAll(async ({ browser }) => {
  ;[cluster, issuer] = await Promise.all([startApiServer(), startTokenIssuer()])
  hub = await startOwnHub({
    JWT_ISSUERS: `${issuer.issuer};hub`,
    HUB_LOGINS_PER_MINUTE: '1000',
    HUB_GRANTS: JSON.stringify([
      { principal: 'oidc:deployer', role: 'viewer', instanceId: 'prod-east' },
    ]),
  })
  await hub.write('prod-east', cluster.kubeconfig('service-account-token'))
  // Whoever is looked for has signed in once.
  const deployer = await openAs(browser, 'deployer')
  await deployer.context().close()
})
test.afterAll(async () => {
  await hub?.stop()
  await Promise.all([cluster?.stop(), issuer?.stop()])
})
test.beforeEach(({ page }) => failOnPolicyViolation(page))

async function openAs(browser: Browser, persona: Persona): Promise<Page> {
  const context = await browser.newContext({ baseURL: ownHubUrl })
  const page = await context.newPage()
  failOnPolicyViolation(page)
  await signIn(page, persona)
  return page
}

async function ask(page: Page, reason: string): Promise<void> {
  await page.getByRole('button', { name: 'Ask for access' }).click()
  const dialog = page.getByRole('dialog', { name: 'Ask for access' })
  await dialog.getByRole('combobox', { name: 'Instance' }).fill('prod-east')
  await dialog.getByRole('checkbox', { name: 'All namespaces' }).check()
  await dialog.getByRole('button', { name: 'Ask', exact: true }).click()
  await expect(dialog.getByLabel('Reason')).toHaveAttribute('aria-invalid', 'true')
  await dialog.getByLabel('Reason').fill(reason)
  await dialog.getByRole('button', { name: 'Ask', exact: true }).click()
  await expect(dialog).toHaveCount(0)
}

async function choose(page: Page, field: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: field }).click()
  await page.getByRole('option', { name: option }).click()
}

test('a mapped group gives its members a role on their open page, and deleting the mapping takes it', async ({
  page,
  browser,
}) => {
  const viewer = await openAs(browser, 'viewer')
  await expect(viewer.getByRole('heading', { name: 'No access yet' })).toBeVisible()

  await signIn(page, 'admin')
  await page.getByRole('link', { name: /^Access/ }).click()
  await page.getByRole('link', { name: 'Groups' }).click()
  await page.getByRole('button', { name: 'Map a group' }).click()
  const form = page.getByRole('dialog', { name: 'Map a group to a role' })
  await form.getByRole('combobox', { name: 'Group' }).fill('readers')
  await page.getByRole('option', { name: /ml-readers/ }).click()
  await expect(form.getByText('1 person who signed in is in this group')).toBeVisible()
  await form.getByRole('combobox', { name: 'Instance' }).fill('prod-east')
  await form.getByRole('checkbox', { name: 'All namespaces' }).check()
  await form.getByRole('button', { name: 'Map group' }).click()
  await expect(page.getByRole('row', { name: /ml-readers/ })).toContainText('1 person')
  await expect(viewer.getByRole('link', { name: 'prod-east' })).toBeVisible()

  await page.getByRole('button', { name: /^Change ml-readers/ }).click()
  const change = page.getByRole('dialog', { name: 'Change what a group gives' })
  await change.getByRole('combobox', { name: 'Group' }).fill('not-seen-yet')
  await expect(change.getByText(/Nobody who has signed in is known/)).toBeVisible()
  await change.getByRole('button', { name: 'Cancel' }).click()

  await page.getByRole('button', { name: /^Delete Viewer on prod-east/ }).click()
  const removal = page.getByRole('dialog', { name: /Delete the mapping/ })
  await expect(removal).toContainText('1 person loses Viewer on prod-east at once')
  await removal.getByRole('button', { name: 'Delete mapping' }).click()
  await expect(page.getByText('No group is mapped yet')).toBeVisible()
  await expect(viewer.getByRole('heading', { name: 'No access yet' })).toBeVisible()
  await viewer.context().close()
})

test('a role that is asked for is approved for an hour in another browser, and both pages move by themselves', async ({
  page,
  browser,
}) => {
  await signIn(page, 'admin', '/access/requests')
  await expect(page.getByText('No requests are waiting')).toBeVisible()

  const nobody = await openAs(browser, 'nobody')
  await ask(nobody, 'Find out why search is slow')
  const own = nobody.getByRole('list', { name: 'Your requests' })
  await expect(own).toContainText('Waiting')

  const request = page.getByRole('listitem').filter({ hasText: 'Noah Nobody' })
  await expect(request).toContainText('Viewer on prod-east, for 8 hours')
  await expect(request).toContainText('Find out why search is slow')
  await expect(page.getByRole('link', { name: 'Access 1 request waits' })).toBeVisible()

  await request.getByRole('button', { name: /^Approve/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Approve the request of Noah Nobody?' })
  await dialog.getByRole('combobox', { name: 'For how long' }).click()
  await expect(page.getByRole('option', { name: '1 day' })).toHaveCount(0)
  await page.getByRole('option', { name: '1 hour' }).click()
  await dialog.getByRole('button', { name: 'Approve for 1 hour' }).click()
  await expect(page.getByText('No requests are waiting')).toBeVisible()

  await expect(nobody.getByRole('link', { name: 'prod-east' })).toBeVisible()
  await nobody.goto('/me')
  await expect(own).toContainText(/Approved.*ends in (60|59) minutes/s)
  const rights = nobody.getByRole('region', { name: 'What you may do' })
  await expect(rights).toContainText('Requested and approved')

  await page.getByRole('link', { name: 'Decided' }).click()
  await expect(request).toContainText('Decided by Ada Admin')
  await request.getByRole('link', { name: 'Noah Nobody' }).click()
  const roles = page.getByRole('region', { name: 'Roles' })
  await expect(roles).toContainText('A request that Ada Admin approved')
  await roles.getByRole('button', { name: 'Remove Viewer on prod-east' }).click()
  await page.getByRole('button', { name: 'Remove role' }).click()
  await expect(roles).toContainText('holds no role')
  await nobody.goto('/')
  await expect(nobody.getByRole('heading', { name: 'No access yet' })).toBeVisible()
  await expect(own).toContainText('Over')
  await nobody.context().close()
})

test('a refusal is read by who asked, with its reason, and a request can be withdrawn', async ({
  page,
  browser,
}) => {
  const nobody = await openAs(browser, 'nobody')
  const own = nobody.getByRole('list', { name: 'Your requests' })
  await ask(nobody, 'First')
  await nobody.getByRole('button', { name: /^Withdraw/ }).click()
  await expect(own).toContainText('Withdrawn')
  await ask(nobody, 'Second')

  await signIn(page, 'admin', '/access/requests')
  await page.getByRole('button', { name: /^Refuse/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Refuse the request of Noah Nobody?' })
  await dialog.getByRole('button', { name: 'Refuse' }).click()
  await expect(dialog.getByLabel('Reason')).toHaveAttribute('aria-invalid', 'true')
  await dialog.getByLabel('Reason').fill('Ask your team lead first')
  await dialog.getByRole('button', { name: 'Refuse' }).click()
  await expect(page.getByText('No requests are waiting')).toBeVisible()
  await expect(own).toContainText('Refused')
  await expect(own).toContainText('Ask your team lead first')
  await nobody.context().close()
})

test('what somebody asks for is there again once they have signed in anew, and nobody else sees it', async ({
  page,
}) => {
  await signIn(page, 'deployer', '/me')
  await page.getByRole('button', { name: 'Ask for access' }).click()
  const dialog = page.getByRole('dialog', { name: 'Ask for access' })
  const reason = dialog.getByLabel('Reason')
  await choose(page, 'Role', 'Deployer')
  await dialog.getByRole('combobox', { name: 'Instance' }).fill('prod-east')
  await reason.fill('Roll out the new embedding model')
  await dialog.getByRole('combobox', { name: 'Namespaces' }).fill('ml-team,')
  await dialog.getByRole('combobox', { name: 'Namespaces' }).pressSequentially('search')
  await endSessionOf(page, 'deployer')
  await signInAgain(page)
  await expect(reason).toHaveValue('Roll out the new embedding model')
  await expect(dialog.getByRole('combobox', { name: 'Role' })).toHaveValue('Deployer')
  await expect(dialog.getByRole('combobox', { name: 'Role' })).toBeFocused()
  await expect(dialog.getByRole('combobox', { name: 'Instance' })).toHaveValue('prod-east')
  for (const name of ['ml-team', 'search']) {
    await expect(dialog.getByText(name, { exact: true })).toBeVisible()
  }
  expect(await findViolations(page, '[role="dialog"]')).toEqual([])

  await reason.fill('Meant for nobody else')
  await endSessionOf(page, 'deployer')
  await page.context().clearCookies()
  await signInAgain(page)
  await page.getByRole('button', { name: /viewer/i }).click()
  await expect(dialog).toBeVisible()
  await expect(reason).toHaveValue('')
  await expect.poll(() => readKept(page)).not.toContain('nobody else')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await signIn(page, 'deployer', '/me?ask=true')
  await expect(reason).toHaveValue('')
})

test('a dialog that was left open is open once, for narrow and for wide windows, until it is closed', async ({
  page,
}) => {
  await signIn(page, 'admin', '/access/groups')
  await page.getByRole('button', { name: 'Map a group' }).click()
  const form = page.getByRole('dialog', { name: 'Map a group to a role' })
  await form.getByRole('combobox', { name: 'Group' }).fill('kept-ones')
  await form.getByRole('combobox', { name: 'Instance' }).fill('prod-east')
  await form.getByRole('combobox', { name: 'Namespaces' }).fill('ml-team,')
  await form.getByRole('button', { name: 'Map group' }).click()
  await expect(form).toHaveCount(0)
  await page.reload()
  await page.getByRole('button', { name: 'Change kept-ones' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change what a group gives' })
  await dialog.getByLabel('Tokens per day').fill('4000')
  await endSessionOf(page, 'admin')
  await signInAgain(page)
  await expect(dialog.getByLabel('Tokens per day')).toHaveValue('4000')
  await expect(dialog.getByRole('combobox', { name: 'Group' })).toBeFocused()

  // Whoever leaves by the browser's own way back finds it too, and is in it.
  await page.goto('/access/people')
  await page.getByRole('link', { name: 'Groups' }).click()
  await expect(dialog.getByRole('combobox', { name: 'Group' })).toBeFocused()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog).toHaveCount(0)
  await page.reload()
  await expect(page.getByRole('button', { name: 'Change kept-ones' })).toBeVisible()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.getByRole('button', { name: 'Change kept-ones' }).click()
  await expect(dialog.getByLabel('Tokens per day')).toHaveValue('')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: /^Delete Viewer on prod-east/ }).click()
  await page.getByRole('button', { name: 'Delete mapping' }).click()
  await expect(page.getByText('No group is mapped yet')).toBeVisible()
})

test('an instance that somebody may not see is asked for from its page', async ({ page }) => {
  await signIn(page, 'deployer', '/instances/prod-west/namespaces/ml-team/deployments/llama')
  await page.getByRole('link', { name: 'Ask for access' }).click()
  const form = page.getByRole('dialog', { name: 'Ask for access' })
  await expect(form.getByText('ml-team')).toBeVisible()
  await page.goto('/instances/prod-west')
  await page.getByRole('link', { name: 'Ask for access' }).click()
  const dialog = page.getByRole('dialog', { name: 'Ask for access' })
  await expect(dialog.getByRole('combobox', { name: 'Instance' })).toHaveValue('prod-west')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(page).toHaveURL('/me')
})

test('a denial in the audit log leads to why, in words', async ({ page, browser }) => {
  const deployer = await openAs(browser, 'deployer')
  const refused = await callApi(
    deployer,
    'POST',
    '/api/instances/prod-east/namespaces/ml-team/deployments',
    { name: 'x', spec: { model: { id: 'a/b' } } },
  )
  expect(refused.status).toBe(403)
  await deployer.context().close()

  await signIn(page, 'admin', '/audit?actor=oidc:deployer&outcome=denied')
  await page.getByRole('button', { name: /deployment.create on prod-east \/ ml-team/ }).click()
  await page.getByRole('link', { name: 'Why was this denied?' }).click({ delay: 60 })
  const why = page.getByRole('region', { name: 'What they may do, and why' })
  await expect(why.getByRole('combobox', { name: 'Instance' })).toHaveValue('prod-east')
  await expect(why).toContainText('Deploy a model')
  await expect(why).toContainText('Viewer on prod-east, by the configuration for oidc:deployer')
  await expect(why).toContainText('this needs the role deployer')
  await choose(page, 'To do what', 'See deployments, their logs and events')
  await expect(why.getByText('Yes')).toBeVisible()
  await expect(page).toHaveURL(/permission=deployment\.view/)
  const place = why.getByRole('combobox', { name: 'Instance' })
  await place.fill('prod-nort')
  await expect(page).toHaveURL(/instance=prod-nort&/)
  await place.pressSequentially('h')
  await expect(why).toContainText('There is no instance "prod-north" in this hub')
})

test('why somebody may do something is asked by name, and the address keeps the question', async ({
  page,
}) => {
  await signIn(page, 'admin', '/access/people')
  await page.getByRole('link', { name: 'Why' }).click()
  await expect(page.getByText('Choose a person or a program')).toBeVisible()
  const who = page.getByRole('combobox', { name: 'Person or program' })
  await who.fill('deployer')
  await page.getByRole('option', { name: /Dev Deployer/ }).click()
  const why = page.getByRole('region', { name: 'What they may do, and why' })
  await expect(why).toContainText('What Dev Deployer may do')
  await why.getByRole('combobox', { name: 'Instance' }).fill('prod-east')
  await choose(page, 'To do what', 'Deploy a model')
  await expect(why).toContainText('Viewer on prod-east, by the configuration for oidc:deployer')
  await expect(page).toHaveURL(/user=.*instance=prod-east/)
  await page.reload()
  await expect(who).toHaveValue('Dev Deployer')
  await expect(why).toContainText('this needs the role deployer')
})

test('a role that is given ends in words, and the audit log shows it by its address and exports it', async ({
  page,
}) => {
  await signIn(page, 'admin', '/access/people?q=deployer')
  await page.getByRole('link', { name: 'Dev Deployer' }).click()
  await page.getByRole('button', { name: 'Give a role' }).click()
  const form = page.getByRole('dialog', { name: 'Give Dev Deployer a role' })
  // H30: nothing is given everywhere, or for ever, but by choice.
  await form.getByRole('button', { name: 'Give role' }).click()
  await expect(form.getByText('Choose an instance, or tick “Every instance”.')).toBeVisible()
  await expect(form.getByText('Name at least one, or tick “All namespaces”.')).toBeVisible()
  await expect(form.getByRole('combobox', { name: 'Ends' })).toHaveValue('In 30 days')
  await choose(page, 'Role', 'Deployer')
  await form.getByRole('combobox', { name: 'Instance' }).fill('prod-east')
  await form.getByRole('combobox', { name: 'Namespaces' }).fill('ml-team,')
  await choose(page, 'Ends', 'In 8 hours')
  await form.getByRole('button', { name: 'Give role' }).click()
  const roles = page.getByRole('region', { name: 'Roles' })
  const row = roles.getByRole('row', { name: /prod-east, in ml-team/ })
  await expect(row).toContainText('Given by Ada Admin')
  await expect(row).toContainText('in 8 hours')

  await page.goto('/audit?action=grant.create&actor=oidc:admin')
  const log = page.getByRole('list', { name: 'Audit log' })
  await expect(log.getByRole('listitem')).toHaveCount(1)
  await expect(log.getByRole('listitem')).toContainText('Ada Admin')
  await log.getByRole('button', { name: /Gave a role/ }).click()
  await expect(log).toContainText('oidc:admin')
  await expect(log).toContainText('ml-team')
  await page.reload()
  await expect(log.getByRole('table', { name: 'After' })).toContainText('ml-team')

  await page.getByRole('button', { name: 'Export' }).click()
  const downloading = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /CSV/ }).click()
  const lines = (await readFile(await (await downloading).path(), 'utf8')).trim().split(/\r?\n/)
  expect(lines[0]).toContain('action')
  expect(lines).toHaveLength(2)
  expect(lines[1]).toContain('grant.create')

  await page.getByRole('combobox', { name: 'Did what' }).fill('user.dis')
  await page.getByRole('option', { name: /user\.disable/ }).click()
  await expect(page).toHaveURL(/action=user\.disable/)
  await expect(page.getByText('Nothing matches')).toBeVisible()
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await expect(page).toHaveURL('/audit')
})

test('a machine whose clock is hours behind shows and gives the right times', async ({ page }) => {
  await page.addInitScript(() => {
    const Whole = Date
    const now = () => Whole.now() - 3 * 3_600_000
    globalThis.Date = new Proxy(Whole, {
      construct: (of, given, target) =>
        Reflect.construct(of, given.length === 0 ? [now()] : given, target) as object,
      get: (of, name) => (name === 'now' ? now : (Reflect.get(of, name) as unknown)),
    })
  })
  await signIn(page, 'admin', '/access/people?q=deployer')
  await page.getByRole('link', { name: 'Dev Deployer' }).click()
  await page.getByRole('button', { name: 'Give a role' }).click()
  const form = page.getByRole('dialog', { name: 'Give Dev Deployer a role' })
  await form.getByRole('combobox', { name: 'Instance' }).fill('prod-east')
  await form.getByRole('combobox', { name: 'Namespaces' }).fill('by-the-clock,')
  await choose(page, 'Ends', 'In 1 hour')
  await form.getByRole('button', { name: 'Give role' }).click()
  const roles = page.getByRole('region', { name: 'Roles' })
  const row = roles.getByRole('row', { name: /in by-the-clock/ })
  await expect(row).toContainText(/in (?:1 hour|60 minutes)/)
  await page.goto('/audit?action=grant.create&actor=oidc:admin')
  const log = page.getByRole('list', { name: 'Audit log' })
  await expect(log.getByRole('listitem').first()).toContainText(/just now|seconds? ago/)
  await log
    .getByRole('button', { name: /Gave a role/ })
    .first()
    .click()
  const endsAt = /\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(
    await log.getByRole('table', { name: 'After' }).innerText(),
  )![0]
  expect(Date.parse(endsAt)).toBeGreaterThan(Date.now() + 30 * 60_000)
  expect(Date.parse(endsAt)).toBeLessThan(Date.now() + 61 * 60_000)
})

test('a disabled person is out at once, and in again once enabled', async ({ page, browser }) => {
  const deployer = await openAs(browser, 'deployer')
  await expect(deployer.getByRole('link', { name: 'prod-east' })).toBeVisible()
  await signIn(page, 'admin', '/access/people')
  await page.getByRole('link', { name: 'Dev Deployer' }).click()
  await page.getByRole('button', { name: 'Disable', exact: true }).click()
  await page.getByRole('button', { name: 'Disable person' }).click()
  await expect(page.getByText('Dev Deployer is disabled', { exact: true })).toBeVisible()
  await expect(page.getByText('Dev Deployer is disabled.')).toBeVisible()
  await expect(page.getByText('is signed in nowhere')).toBeVisible()
  const again = deployer.getByRole('link', { name: /continue with demo sign-in/i })
  await expect(again).toBeVisible()
  await expect(deployer.getByRole('alert')).toContainText('Your account is disabled in this hub.')
  await again.click()
  await expect(deployer.getByRole('alert')).toContainText('Your identity provider let you in')

  await page.goto('/access/people?status=disabled')
  await page.getByRole('link', { name: 'Dev Deployer' }).click()
  await page.getByRole('button', { name: 'Enable', exact: true }).click()
  await page.getByRole('button', { name: 'Enable person' }).click()
  await expect(page.getByText('Dev Deployer is disabled')).toHaveCount(0)
  await deployer.getByRole('link', { name: /continue with demo sign-in/i }).click()
  await deployer.getByRole('button', { name: /deployer/i }).click()
  await expect(deployer.getByRole('link', { name: 'prod-east' })).toBeVisible()
  await deployer.context().close()
})

test('two accounts of one person are joined and parted, with what that does in words', async ({
  page,
  browser,
}) => {
  const viewer = await openAs(browser, 'viewer')
  await signIn(page, 'admin', '/access/people?q=deployer')
  await page.getByRole('link', { name: 'Dev Deployer' }).click()
  const identities = page.getByRole('region', { name: 'Identities' })
  await identities.getByRole('button', { name: 'Link an identity' }).click()
  const dialog = page.getByRole('dialog', { name: 'Link an identity to Dev Deployer' })
  await dialog.getByLabel('Search identities').fill('vera')
  await dialog.getByRole('button', { name: 'Choose oidc:viewer' }).click()
  await expect(dialog).toContainText('Vera Viewer has no other identity')
  await dialog.getByRole('button', { name: 'Same person: link' }).click()
  await expect(identities.getByText('oidc:viewer')).toBeVisible()
  await expect(viewer.getByRole('link', { name: /continue with demo sign-in/i })).toBeVisible()
  await viewer.context().close()

  await identities.getByRole('button', { name: 'Unlink oidc:viewer' }).click()
  const parting = page.getByRole('dialog', { name: 'Unlink oidc:viewer?' })
  await expect(parting).toContainText(
    'a separate person with no roles except those its groups give',
  )
  await parting.getByRole('button', { name: 'Unlink identity' }).click()
  await expect(page.getByRole('region', { name: 'Roles' })).toContainText('holds no role')
  await expect(identities.getByText('oidc:viewer')).toBeVisible()
  await expect(identities.getByRole('button', { name: /^Unlink/ })).toHaveCount(0)
})

test('on a small screen the places are in a menu, and the pages of one beside each other', async ({
  page,
}) => {
  await signIn(page, 'admin')
  await page.setViewportSize({ width: 360, height: 740 })
  const goTo = async (place: string) => {
    await page.getByRole('button', { name: 'Navigation' }).click()
    await page.getByRole('dialog').getByRole('link', { name: place }).click()
  }
  for (const name of ['Deployments', 'Instances', 'Audit']) {
    await goTo(name)
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    await expectNoSidewaysScrolling(page)
  }
  await goTo('Access')
  for (const name of ['People', 'Groups', 'Requests']) {
    await page.getByRole('navigation', { name: 'Access' }).getByRole('link', { name }).click()
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    await expectNoSidewaysScrolling(page)
  }
})

test('a program that has come once is given a role, may then what it gives, and the page says why', async ({
  page,
}) => {
  const token = await issuer.sign()
  const look = () =>
    fetch(`${ownHubUrl}/api/instances/prod-east`, { headers: { authorization: `Bearer ${token}` } })
  expect((await look()).status).toBe(404)

  await signIn(page, 'admin', '/access/programs')
  await page.getByRole('link', { name: 'ci', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'ci', level: 1 })).toBeVisible()
  const why = page.getByRole('region', { name: 'What they may do, and why' })
  await why.getByRole('combobox', { name: 'Instance' }).fill('prod-east')
  await expect(why).toContainText('What ci may do on prod-east')
  await expect(why.getByText('Yes')).toHaveCount(0)

  await page.getByRole('button', { name: 'Give a role' }).click()
  const dialog = page.getByRole('dialog', { name: /Give .*ci/ })
  await dialog.getByRole('combobox', { name: 'Instance' }).fill('prod-east')
  await dialog.getByRole('checkbox', { name: 'All namespaces' }).check()
  await dialog.getByRole('button', { name: 'Give role' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(why.getByText('Yes').first()).toBeVisible()
  expect((await look()).status).toBe(200)
  await page.goto('/access/programs/00000000-0000-4000-8000-000000000000')
  await expect(page.getByText(/There is no such service principal/)).toBeVisible()
})
