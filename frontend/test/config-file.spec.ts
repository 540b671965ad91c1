import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApiServer } from '@hub/demo'
import { expect, test } from '@playwright/test'
import { ownHubUrl, startOwnHub, type OwnHub } from './own-hub.ts'
import { failOnPolicyViolation, signIn } from './portal.ts'

test.use({ baseURL: ownHubUrl })
test.beforeEach(({ page }) => failOnPolicyViolation(page))

const access = (role: string) => `groupMappings:
  - { provider: oidc, groupId: ml-team, groupName: From a file, role: ${role} }
grants:
  - { principal: oidc:admin, role: deployer }
oidcProfiles:
  - { instance: east, issuer: https://id.example.com, clientId: kubernetes, usernameClaim: email }
`

test('what the configuration file gives is shown without actions, and its mistakes where they matter', async ({
  page,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-config-'))
  const path = join(folder, 'access.yaml')
  await writeFile(path, access('viewer'))
  const cluster = await startApiServer()
  let hub: OwnHub | undefined
  try {
    hub = await startOwnHub({ HUB_CONFIG_FILE: path })
    await hub.write('east', cluster.kubeconfig('service-account-token'))
    await signIn(page, 'admin', '/access/groups')
    const row = page.getByRole('row', { name: /From a file/ })
    await expect(row).toContainText(`From the configuration file ${path}: change it there`)
    await expect(row.getByRole('button')).toHaveCount(0)
    await expect(page.getByText('The configuration file is wrong')).toHaveCount(0)

    await writeFile(path, access('owner'))
    await expect(async () => {
      await page.reload()
      const mistake = page.getByText('The configuration file is wrong')
      // Once the page is there it does not look again by itself.
      await expect(mistake).toBeVisible({ timeout: 3_000 })
    }).toPass()
    await expect(page.getByText(/line 2, column \d+: groupMappings\[0\]\.role/)).toBeVisible()
    await expect(row).toContainText('Viewer')

    await page.goto('/access/people')
    await page.getByRole('main').getByRole('link', { name: 'Ada Admin' }).click()
    await expect(page.getByText('The configuration file is wrong')).toBeVisible()
    const grant = page.getByRole('row', { name: /Deployer/ })
    await expect(grant).toContainText(`The configuration file ${path}, for oidc:admin`)
    await expect(grant.getByRole('button')).toHaveCount(0)

    const instances = page.getByRole('combobox', { name: 'Instance' })
    await instances.click()
    await expect(page.getByRole('option')).toHaveText(['east'])
    await writeFile(
      path,
      `${access('viewer')}providers: [{ id: lab, url: https://llm.lab.example.com/v1 }]\n`,
    )
    await expect(async () => {
      await page.getByRole('link', { name: 'Groups' }).click()
      await page.goBack()
      await instances.click()
      await expect(page.getByRole('option')).toHaveText(['east', 'lab'], { timeout: 3_000 })
    }).toPass()
    await expect(page.getByText('The configuration file is wrong')).toHaveCount(0)

    await page.goto('/instances/east?tab=cluster')
    await page.getByRole('button', { name: 'Change sign-in' }).click()
    const profile = page.getByRole('dialog')
    await expect(profile).toContainText('It stands in the configuration file')
    await expect(profile.getByLabel('Issuer')).toHaveValue('https://id.example.com')
    await expect(profile.getByRole('button', { name: 'Verify' })).toBeVisible()
    await expect(profile.getByRole('button', { name: /Save/ })).toHaveCount(0)
    await profile.getByRole('button', { name: 'Close', exact: true }).last().click()
    await expect(profile).toHaveCount(0)
  } finally {
    await hub?.stop()
    await cluster.stop()
    await rm(folder, { recursive: true })
  }
})
