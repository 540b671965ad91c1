import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startHub, startIdentityProvider, type HubProcess } from '@hub/demo'
import type { Page } from '@playwright/test'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { findFreePort } from '../../backend/test/free-port.ts'
import { signInByHand } from '../../frontend/test/portal.ts'
import { startProgram } from '../test/run-program.ts'
import { signInAt, startWorld, type World } from '../test/world.ts'

const [assets, keycloakHome] = [process.env['KUBEBUILDER_ASSETS'], process.env['KEYCLOAK_HOME']]
const soon = { timeout: 60_000, interval: 250 }

/** The built portal in Chromium, a real Keycloak over TLS, a real API server that trusts it, and kubectl with the built plugin. */
describe.skipIf(!assets || !keycloakHome)(
  "a cluster's own sign-in, from the portal alone (KUBEBUILDER_ASSETS, KEYCLOAK_HOME)",
  { timeout: 300_000 },
  () => {
    const undo: (() => unknown)[] = []
    let world: World
    let hub: HubProcess
    let url: string

    // Anew for each try: what the first one leaves at the hub and at the cluster is in the way of the second.
    beforeEach(async () => {
      world = await startWorld(assets!)
      undo.push(() => world.stop())
      url = `http://127.0.0.1:${await findFreePort()}`
      const client = { clientId: 'hub', clientSecret: randomBytes(24).toString('hex') }
      const identityProvider = await startIdentityProvider({
        clients: [{ ...client, redirectUris: [`${url}/api/auth/callback/oidc`] }],
      })
      undo.push(identityProvider.stop)
      const credentials = join(world.folder, 'credentials')
      await mkdir(credentials)
      const kubeconfig = world.cluster.kubeconfig('client-certificate')
      await writeFile(join(credentials, 'prod.kubeconfig'), kubeconfig, { mode: 0o600 })
      hub = startHub({
        url,
        env: {
          HUB_MODE: 'true',
          HOST: '127.0.0.1',
          PORT: new URL(url).port,
          SESSION_SECRET: randomBytes(32).toString('hex'),
          ENABLED_AUTH_PROVIDERS: 'oidc',
          OIDC_PROVIDER_ISSUER: identityProvider.issuer,
          OIDC_PROVIDER_CLIENT_ID: client.clientId,
          OIDC_PROVIDER_CLIENT_SECRET: client.clientSecret,
          OIDC_PROVIDER_NAME: 'Demo sign-in',
          HUB_ADMINS: 'oidc:admin',
          HUB_GRANTS: JSON.stringify([{ principal: 'oidc:viewer', role: 'viewer' }]),
          DATABASE_URL: join(world.folder, 'hub.db'),
          CREDENTIALS_PATH: credentials,
          NODE_EXTRA_CA_CERTS: world.authorityFile,
        },
      })
      undo.push(() => hub.stop())
      await hub.ready
    }, 400_000)
    afterEach(async () => {
      for (const end of undo.splice(0).toReversed()) await end()
    })

    const openAs = async (persona: RegExp): Promise<Page> => {
      const context = await world.browser.newContext({ baseURL: url, acceptDownloads: true })
      undo.push(() => context.close())
      const page = await context.newPage()
      await signInByHand(page, persona)
      await page.goto('/instances/prod?tab=cluster')
      return page
    }

    test('verified, downloaded, 403 as predicted, bound, works, removed, 403', async () => {
      const { issuer, subject } = world.realm
      const admin = await openAs(/admin/i)
      await admin.getByRole('button', { name: 'Set up sign-in' }).click()
      const profile = admin.getByRole('dialog', { name: 'Sign-in to prod itself' })
      await profile.getByLabel('Issuer').fill(issuer)
      await profile.getByLabel('Client ID').fill('kube')
      await profile.getByRole('combobox', { name: 'Username claim' }).click()
      await admin.getByRole('option', { name: 'sub', exact: true }).click()
      await profile.getByRole('button', { name: 'Verify' }).click()
      const found = profile.getByRole('list', { name: 'What was checked', exact: true })
      await found.getByText('Good: issuer.').waitFor()
      expect(await found.innerText()).not.toContain('Wrong:')
      await profile.getByRole('button', { name: 'Save sign-in' }).click()
      await profile.waitFor({ state: 'hidden' })

      const viewer = await openAs(/viewer/i)
      await viewer.getByRole('button', { name: 'View OIDC kubeconfig' }).click()
      const [download] = await Promise.all([
        viewer.waitForEvent('download'),
        viewer.getByRole('link', { name: 'Download prod-oidc.yaml' }).click(),
      ])
      const home = await world.newHome()
      const file = join(home.home, '.kube', download.suggestedFilename())
      await download.saveAs(file)

      const getNodes = () =>
        startProgram('/bin/sh', ['-ec', `kubectl --kubeconfig='${file}' get nodes`], {
          env: home.env,
          cwd: home.home,
        })
      const first = getNodes()
      const opened = await vi.waitFor(async () => {
        const [address] = await world.readOpened()
        expect(address).toBeDefined()
        return address!
      }, soon)
      await (await signInAt(world.browser, opened, world.realm)).context.close()
      const predicted = `${issuer}#${subject}`
      const refused = {
        code: 1,
        stderr: expect.stringContaining(`User "${predicted}" cannot list`),
      }
      expect(await first.ended).toMatchObject(refused)

      const rules = [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list'] }]
      await world.client.request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
        body: {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: { name: 'node-reader' },
          rules,
        },
      })
      await admin.getByRole('button', { name: 'Bind somebody' }).click()
      const binding = admin.getByRole('dialog', { name: 'A role on prod itself' })
      await binding.getByLabel('Value of the username claim').fill(subject)
      await binding.getByLabel('ClusterRole').fill('node-reader')
      await binding.getByRole('button', { name: 'Show what it does' }).click()
      await binding.getByText(`The cluster calls them ${predicted}`).waitFor()
      await binding.getByRole('button', { name: 'Bind', exact: true }).click()
      await binding.waitFor({ state: 'hidden' })
      // There are none.
      const listed = { code: 0, stderr: expect.stringContaining('No resources found') }
      await vi.waitFor(async () => expect(await getNodes().ended).toMatchObject(listed), soon)

      await admin.getByRole('button', { name: /^Remove the binding of/ }).click()
      await admin.getByRole('dialog').getByRole('button', { name: 'Remove binding' }).click()
      await vi.waitFor(async () => expect(await getNodes().ended).toMatchObject(refused), soon)
      // One sign-in was enough for all of it.
      expect(await world.readOpened()).toHaveLength(1)
    })
  },
)
