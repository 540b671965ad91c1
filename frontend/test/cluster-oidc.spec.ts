import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  applyManifests,
  createKubeClient,
  readManifests,
  startApiServer,
  type Cluster,
  type KubeClient,
} from '@hub/demo'
import { expect, test, type Page } from '@playwright/test'
import { findViolations } from './axe.ts'
import { ownHubUrl, startOwnHub, type OwnHub } from './own-hub.ts'
import {
  endSessionOf,
  expectNoSidewaysScrolling,
  failOnPolicyViolation,
  readKept,
  signIn,
  signInAgain,
} from './portal.ts'

const manifest = fileURLToPath(
  new URL('../../deploy/kubernetes/instance-rbac-bindings/bindings.yaml', import.meta.url),
)
const jwt = /eyJ[\w-]+\.eyJ[\w-]+\./

test.use({ baseURL: ownHubUrl })
test.describe.configure({ mode: 'serial' })
test.setTimeout(120_000)

let hub: OwnHub
let cluster: Cluster
let client: KubeClient

test.beforeAll(async () => {
  hub = await startOwnHub({ HUB_ACCESS_MODES: 'prod-east=passthrough' })
  const { clientId } = hub.client
  cluster = await startApiServer({
    webhooks: false,
    oidc: {
      issuer: hub.issuer,
      audiences: ['kubernetes', clientId],
      usernameClaim: 'email',
      usernamePrefix: '',
      keys: async () => {
        const answer = await fetch(`${hub.issuer}/jwks`)
        return ((await answer.json()) as { keys: { kid: string }[] }).keys
      },
    },
  })
  client = createKubeClient(cluster.kubeconfig('client-certificate'))
  await client.request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
    body: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'view' },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
    },
  })
  await applyManifests(client, await readManifests(manifest))
  await hub.write('prod-east', cluster.kubeconfig('service-account-token'))
})
test.afterAll(async () => {
  await client?.close()
  await hub?.stop()
  await cluster?.stop()
})
test.beforeEach(({ context }) => {
  context.on('page', failOnPolicyViolation)
})

const at = '/instances/prod-east?tab=cluster'

/** Goes to the provider in another tab, by keyboard, and sees what came of it in this one. */
const goThere = async (page: Page) => {
  const link = page.getByRole('link', { name: /^Sign in at 127\.0\.0\.1/ })
  await link.focus()
  await page.keyboard.press('Enter')
}

const expectAccessible = async (page: Page, part?: string) => {
  expect(await findViolations(page, part)).toEqual([])
}

test('an administrator says how people sign in to a cluster, verifies it, and tries it, by keyboard', async ({
  page,
}) => {
  await signIn(page, 'admin', at)
  await page.getByRole('button', { name: 'Set up sign-in' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Sign-in to prod-east itself' })
  await expect(dialog.getByLabel('Issuer')).toBeFocused()
  await page.keyboard.type(hub.issuer)
  await page.keyboard.press('Tab')
  await page.keyboard.type('kubernetes')
  const redirects = dialog.getByRole('region', { name: 'Redirect URIs' })
  await expect(redirects).toContainText('http://localhost:8000')
  await expect(redirects).toContainText(`${ownHubUrl}/cluster-sign-in`)
  await expect(dialog.getByRole('region', { name: 'Scopes' })).toContainText('openid email')
  await dialog.getByLabel('Extra scopes').fill('groups')
  await expect(dialog.getByRole('region', { name: 'Scopes' })).toContainText('openid email groups')

  await dialog.getByRole('button', { name: 'Verify' }).focus()
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('list', { name: 'What was checked', exact: true })).toContainText(
    'Good: issuer.',
  )

  await dialog.getByRole('button', { name: 'Try the sign-in' }).focus()
  await page.keyboard.press('Enter')
  await expect(dialog.getByText('has to have this redirect URI')).toBeVisible()
  await goThere(page)
  await expect(dialog.getByText('The cluster would let you in')).toBeVisible()
  const found = dialog.getByRole('list', { name: 'What was checked in the token' })
  await expect(found).toContainText('Good: email_verified.')
  await expect(found).toContainText('Good: audience. The token is for "kubernetes".')
  await expect(dialog.getByRole('region', { name: 'Claims' })).toContainText('admin@demo.example')
  expect(await dialog.innerText()).not.toMatch(jwt)
  await expectAccessible(page, '[role="dialog"]')
  await dialog.getByRole('button', { name: 'Save sign-in' }).focus()
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('button', { name: 'View OIDC kubeconfig' })).toBeVisible()
})

test('a sign-in whose token does not fit is said to be refused, and why', async ({ page }) => {
  await signIn(page, 'admin', at)
  await page.getByRole('button', { name: 'Change sign-in' }).click()
  const dialog = page.getByRole('dialog', { name: 'Sign-in to prod-east itself' })
  await dialog.getByLabel('Groups claim').fill('teams')
  await dialog.getByLabel('Username prefix').fill('oidc:')
  await dialog.getByRole('button', { name: 'Try the sign-in' }).click()
  await goThere(page)
  const found = dialog.getByRole('list', { name: 'What was checked in the token' })
  await expect(found).toContainText('Look at it: groups. The token has no teams')
  await expect(dialog.getByText('oidc:admin@demo.example')).toBeVisible()

  // The client that the hub signs people in by has a secret.
  await dialog.getByLabel('Groups claim').fill('')
  await dialog.getByLabel('Username prefix').fill('')
  await dialog.getByLabel('Client ID').fill(hub.client.clientId)
  await expect(found).toBeHidden()
  await dialog.getByLabel('The provider wants a client secret').check()
  await dialog.getByLabel('Client secret', { exact: true }).fill('wrong')
  await dialog.getByRole('button', { name: 'Try the sign-in' }).click()
  await goThere(page)
  await expect(dialog.getByText('The cluster would not let you in')).toBeVisible()
  await expect(found).toContainText('The provider answered invalid_client.')
  await dialog.getByLabel('Client secret', { exact: true }).fill(hub.client.clientSecret)
  await dialog.getByRole('button', { name: 'Try it again' }).click()
  await goThere(page)
  await expect(dialog.getByText('The cluster would let you in')).toBeVisible()
  await dialog.getByRole('button', { name: 'Save sign-in' }).click()
  await expect(dialog).toBeHidden()
})

test('what is written of a sign-in is kept for another one to the hub, but for the secret', async ({
  page,
}) => {
  await signIn(page, 'admin', at)
  await page.getByRole('button', { name: 'Change sign-in' }).click()
  const dialog = page.getByRole('dialog', { name: 'Sign-in to prod-east itself' })
  const secret = dialog.getByLabel('Client secret', { exact: true })
  await dialog.getByLabel('Extra scopes').fill('groups offline_access')
  await dialog.getByLabel('The provider wants a client secret').check()
  await secret.fill('not-to-be-kept')
  await endSessionOf(page, 'admin')
  expect(await readKept(page)).not.toContain('not-to-be-kept')
  await signInAgain(page)
  await expect(dialog.getByLabel('Extra scopes')).toHaveValue('groups offline_access')
  await expect(dialog.getByLabel('Issuer')).toBeFocused()
  await expect(secret).toHaveValue('')
  await expect(secret).toHaveAccessibleDescription(/Give it again: secrets are not kept\./)
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog).toBeHidden()
})

test('a sign-in by a code is waited for until it is confirmed there', async ({ page }) => {
  // The demo's provider has no device endpoint: what the hub says of one is tested at a real one.
  let asked = 0
  await page.route('**/oidc/trials', (route) =>
    route.fulfill({
      json: {
        trial: 'sealed',
        url: `${ownHubUrl}/cluster-sign-in`,
        state: null,
        redirectUri: null,
        userCode: 'WDJB-MJHT',
        intervalSeconds: 1,
        endsAt: new Date(Date.now() + 600_000).toISOString(),
      },
    }),
  )
  await page.route('**/oidc/trials/finish', (route) => {
    asked += 1
    const isDone = asked > 2
    const items = [{ name: 'sign-in', outcome: 'pass', detail: 'The provider signed you in.' }]
    return route.fulfill({
      json: {
        state: isDone ? 'done' : 'pending',
        intervalSeconds: 1,
        items: isDone ? items : [],
        username: isDone ? 'admin@demo.example' : null,
        groups: [],
        claims: isDone ? { email: 'admin@demo.example' } : null,
      },
    })
  })
  await signIn(page, 'admin', at)
  await page.getByRole('button', { name: 'Change sign-in' }).click()
  const dialog = page.getByRole('dialog', { name: 'Sign-in to prod-east itself' })
  await dialog.getByRole('button', { name: 'Try it by a code' }).click()
  await expect(dialog.getByText('WDJB-MJHT')).toBeVisible()
  expect(asked).toBe(0)
  await goThere(page)
  await expect(dialog.getByText('Waiting for the other tab…')).toBeVisible()
  await expect(dialog.getByText('The cluster would let you in')).toBeVisible()
  expect(asked).toBe(3)
})

test('two different sign-ins for one cluster are pointed out', async ({ page }) => {
  await hub.write('prod-twin', cluster.kubeconfig('service-account-token'))
  await signIn(page, 'admin')
  await expect(async () => {
    await page.goto(at)
    await expect(page.getByText('Two different sign-ins for one cluster')).toBeVisible({
      timeout: 5_000,
    })
  }).toPass()
  await expect(
    page.getByText('Instance "prod-twin" is the same cluster, and has no OIDC profile'),
  ).toBeVisible()
  await rm(join(hub.directory, 'prod-twin.kubeconfig'))
})

test('a person comes by the link of a colleague, takes the kubeconfig, and sees who they are there until a binding is made and taken away', async ({
  browser,
  page,
}) => {
  await signIn(page, 'admin', at)
  await page.getByRole('button', { name: 'View OIDC kubeconfig' }).click()
  const link = await page.getByText(`${at}#oidc-kubeconfig`).innerText()

  const other = await browser.newContext({ baseURL: ownHubUrl, acceptDownloads: true })
  const viewer = await other.newPage()
  failOnPolicyViolation(viewer)
  await viewer.goto(link)
  await viewer.getByRole('link', { name: /continue with demo sign-in/i }).click()
  await viewer.getByRole('button', { name: /viewer/i }).click()
  const kubeconfig = viewer.getByRole('region', { name: 'OIDC kubeconfig' })
  await expect(kubeconfig).toContainText('kubectl-together_login')
  const install = viewer.getByRole('region', { name: /^Commands that install it on/ })
  await expect(install).toContainText(`${ownHubUrl}/cli/kubectl-together_login_linux_amd64.zip`)
  await viewer.getByRole('combobox', { name: 'Your machine' }).click()
  await viewer.getByRole('option', { name: 'Windows' }).click()
  await expect(install).toContainText('Expand-Archive')
  await expect(viewer.getByRole('region', { name: 'Command that sets it' })).toContainText('$env:')
  const [download] = await Promise.all([
    viewer.waitForEvent('download'),
    viewer.getByRole('link', { name: 'Download prod-east-oidc.yaml' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('prod-east-oidc.yaml')
  const saved = await readFile(await download.path(), 'utf8')
  expect(saved).toContain(`--oidc-issuer-url=${hub.issuer}`)
  expect(saved).not.toMatch(/token:|client-key|client-secret/)
  await expectAccessible(viewer)
  await viewer.setViewportSize({ width: 360, height: 800 })
  await expectNoSidewaysScrolling(viewer)
  await viewer.setViewportSize({ width: 1280, height: 720 })

  const ask = () => viewer.getByRole('button', { name: 'Who am I there?' }).click()
  await ask()
  await expect(viewer.getByText('knows you as "viewer@demo.example"')).toBeVisible()
  await expect(viewer.getByText(/It lets you do nothing in namespace "default"/)).toBeVisible()

  await page.getByRole('button', { name: 'Bind somebody' }).click()
  const binding = page.getByRole('dialog', { name: 'A role on prod-east itself' })
  await binding.getByLabel('Value of the username claim').fill('viewer@demo.example')
  await binding.getByLabel('Namespace').fill('default')
  await binding.getByRole('button', { name: 'Show what it does' }).click()
  await expect(binding.getByRole('region', { name: 'Command that binds' })).toContainText(
    '--user=viewer@demo.example',
  )
  await expectAccessible(page, '[role="dialog"]')
  await binding.getByRole('button', { name: 'Bind', exact: true }).click()
  await expect(binding).toBeHidden()
  const made = page.getByRole('list', { name: 'Bindings that the hub made' })
  await expect(made).toContainText('viewer@demo.example')

  const rights = viewer.getByRole('table', { name: /^What you may do in namespace default/ })
  await ask()
  await expect(rights).toContainText('get, list')

  await page.getByRole('button', { name: /^Remove the binding of viewer@demo.example/ }).click()
  const removing = page.getByRole('dialog', { name: 'Remove view from viewer@demo.example?' })
  await expect(removing).toContainText('Tokens that were issued stay valid until they expire')
  await removing.getByRole('button', { name: 'Remove binding' }).click()
  await expect(made).toBeHidden()
  await ask()
  await expect(viewer.getByText(/It lets you do nothing in namespace "default"/)).toBeVisible()
  await other.close()
})

test('a sign-in that nobody waits for says so, and keeps no code in its address', async ({
  page,
}) => {
  await page.goto('/cluster-sign-in?code=secret-code&state=nobodys')
  await expect(page.getByRole('heading', { name: 'Nobody waits for this sign-in' })).toBeVisible()
  expect(new URL(page.url()).search).toBe('')
  expect(hub.lastLines()).not.toContain('secret-code')
  await expectAccessible(page)
})
