import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApiServer, startHub, type ApiServer, type HubProcess } from '@hub/demo'
import { expect, test } from '@playwright/test'
import { ownHubUrl } from './own-hub.ts'
import { failOnPolicyViolation } from './portal.ts'

let folder: string
let cluster: ApiServer
let hub: HubProcess

test.use({ baseURL: ownHubUrl })
test.beforeEach(async ({ page }) => {
  failOnPolicyViolation(page)
  folder = await mkdtemp(join(tmpdir(), 'hub-local-'))
  cluster = await startApiServer({ name: 'laptop' })
  const kubeconfig = join(folder, 'config')
  await writeFile(kubeconfig, cluster.kubeconfig('client-certificate'), { mode: 0o600 })
  hub = startHub({
    env: {
      KUBECONFIG: kubeconfig,
      PORT: new URL(ownHubUrl).port,
      DATABASE_URL: join(folder, 'local.db'),
    },
    url: ownHubUrl,
  })
  await hub.ready
})
test.afterEach(async () => {
  await hub.stop()
  await cluster.stop()
  await rm(folder, { recursive: true, force: true })
})

test('without hub mode the own contexts are there, and nobody signs in or out', async ({
  page,
}) => {
  await page.goto('/')
  await expect(page.getByRole('link', { name: /laptop/ })).toBeVisible()
  await expect(page.getByText(/continue with/i)).toHaveCount(0)
  await page.getByRole('link', { name: /laptop/ }).click()
  await expect(page.getByRole('link', { name: 'Deploy a model' }).first()).toBeVisible()
  await page.getByRole('button', { name: /account/i }).click()
  await expect(page.getByRole('menuitem', { name: /sign out/i })).toHaveCount(0)
  await page.getByRole('menuitem', { name: 'My access' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'My access' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'API tokens' })).toHaveCount(0)
})
