import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApiServer, startHub } from '@hub/demo'
import { expect, test } from '@playwright/test'
import { callApi, failOnPolicyViolation } from './portal.ts'
import { ports } from './ports.ts'

const port = ports.local
const origin = `http://localhost:${port}`
const secret = randomBytes(24).toString('hex')

/** What `bun run dev` is without HUB_MODE: the contexts of one's own kubeconfig, and no sign-in. */
test.describe('local mode', () => {
  const undo: (() => Promise<unknown>)[] = []

  test.beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-local-'))
    undo.push(() => rm(folder, { recursive: true, force: true }))
    const cluster = await startApiServer({ name: 'kind-mine' })
    undo.push(cluster.stop)
    const kubeconfig = join(folder, 'config')
    await writeFile(kubeconfig, cluster.kubeconfig('client-certificate'))
    const hub = startHub({
      env: {
        HUB_MODE: '',
        HUB_LOCAL_SECRET: secret,
        PORT: String(port),
        KUBECONFIG: kubeconfig,
        USER: 'ada',
        DATABASE_URL: join(folder, 'local.db'),
      },
      url: origin,
    })
    undo.push(hub.stop)
    await hub.ready
  })
  test.afterAll(async () => {
    for (const step of undo.toReversed()) await step()
  })

  test('H28: whoever has not the printed address is asked for its token', async ({ page }) => {
    failOnPolicyViolation(page)
    await page.goto(`${origin}/deployments`)
    await expect(page.getByText('Open the address that it printed in the terminal')).toBeVisible()
    await page.getByLabel('Token').fill('a wrong one')
    await page.getByRole('button', { name: 'Open' }).click()
    await expect(page.getByRole('alert')).toContainText('This hub does not accept that token')
    await page.getByLabel('Token').fill(` ${secret}`)
    await page.getByRole('button', { name: 'Open' }).click()
    await expect(page.getByRole('link', { name: /kind-mine/ }).first()).toBeVisible()
    expect(page.url()).not.toContain(secret)
  })

  test('the printed address opens the contexts, without a sign-in page and without a way to sign out', async ({
    page,
  }) => {
    failOnPolicyViolation(page)
    await page.goto(`${origin}/?token=${secret}`)
    await expect(page).toHaveURL(`${origin}/`)
    await expect(page.getByRole('link', { name: /kind-mine/ }).first()).toBeVisible()
    await page.getByRole('button', { name: 'Account of ada' }).click()
    await expect(page.getByText('local:ada')).toBeVisible()
    await expect(page.getByRole('menuitem', { name: /sign out/i })).toHaveCount(0)
    await page.getByRole('menuitem', { name: 'My access' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'My access' })).toBeVisible()
    await expect(page.getByRole('region', { name: 'API tokens' })).toHaveCount(0)
    await expect(page.getByRole('button', { name: 'Ask for access' })).toHaveCount(0)
    const places = page.getByRole('navigation', { name: 'Main' })
    await expect(places.getByRole('link')).toHaveText([
      'Fleet',
      'Deployments',
      'Instances',
      'Usage',
      'Audit',
      'Me',
    ])
    await places.getByRole('link', { name: 'Audit' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible()
    expect((await callApi(page, 'GET', '/api/auth/me')).status).toBe(200)
    expect(await page.context().cookies()).toMatchObject([
      { name: `hub_local_${port}`, httpOnly: true, sameSite: 'Strict' },
    ])
  })

  test('another site in the same browser may lead here, and may neither read nor write', async ({
    page,
  }) => {
    const site = createServer((_req, res) => {
      res.setHeader('content-type', 'text/html')
      res.end(`<a href="${origin}/">portal</a> <a href="${origin}/api/instances">data</a>
        <form method="post" action="${origin}/api/admin/credentials/x/confirm"><button>win</button></form>`)
    }).listen(0, '127.0.0.1')
    undo.push(async () => site.close())
    await new Promise((resolve) => site.once('listening', resolve))
    const evil = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`
    const follow = async (role: 'link' | 'button', name: string) => {
      await page.goto(evil)
      const arrived = page.waitForResponse((response) => response.url().startsWith(origin))
      await page.getByRole(role, { name }).click()
      const response = await arrived
      return [response.status(), response.headers()['content-type']]
    }
    const refused = [403, 'application/problem+json']
    expect(await follow('button', 'win')).toEqual(refused)
    expect(await follow('link', 'data')).toEqual(refused)
    expect((await follow('link', 'portal'))[0]).toBe(200)
  })
})
