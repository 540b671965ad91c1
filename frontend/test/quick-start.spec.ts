import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startControlPlane, startIdentityProvider, type Cluster } from '@hub/demo'
import { expect, test } from '@playwright/test'
import { ports } from './ports.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
const root = fileURLToPath(new URL('../..', import.meta.url))
const port = ports.own
const hub = `http://localhost:${port}`

/** The README's quick start with a real API server, and the demo's identity provider as the single sign-on. */
test.describe('the quick start on a real control plane (KUBEBUILDER_ASSETS)', () => {
  test.skip(!assets, 'set KUBEBUILDER_ASSETS to run it')
  test.setTimeout(180_000)

  const undo: (() => Promise<unknown>)[] = []
  let cluster: Cluster
  let folder: string

  test.beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-quick-start-'))
    undo.push(() => rm(folder, { recursive: true, force: true }))
    cluster = await startControlPlane({ assets: assets! })
    undo.push(cluster.stop)
    const client = { clientId: 'hub', clientSecret: 'not-a-secret-outside-this-test' }
    const identityProvider = await startIdentityProvider({
      clients: [{ ...client, redirectUris: [`${hub}/api/auth/callback/oidc`] }],
    })
    undo.push(identityProvider.stop)
    await mkdir(join(folder, 'credentials'))
    const dev = spawn(process.execPath, ['dev.ts'], {
      cwd: root,
      env: {
        ...process.env,
        HUB_MODE: 'true',
        PORT: String(port),
        ENABLED_AUTH_PROVIDERS: 'oidc',
        OIDC_PROVIDER_ISSUER: identityProvider.issuer,
        OIDC_PROVIDER_CLIENT_ID: client.clientId,
        OIDC_PROVIDER_CLIENT_SECRET: client.clientSecret,
        SESSION_SECRET: 'dev-secret-5f2c9a7d1e3b4860',
        HUB_ADMINS: 'oidc:admin',
        DATABASE_URL: join(folder, 'data', 'kubefoundry.db'),
        CREDENTIALS_PATH: join(folder, 'credentials'),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    undo.push(() => end(dev))
    await waitForLine(dev, `ready ${hub}`)
  })
  test.afterAll(async () => {
    for (const step of undo.toReversed()) await step()
  })

  const kubectl = async (...args: string[]) => {
    const kubeconfig = join(folder, 'admin.kubeconfig')
    await writeFile(kubeconfig, cluster.kubeconfig('client-certificate'))
    const run = promisify(execFile)
    return (await run(join(assets!, 'kubectl'), ['--kubeconfig', kubeconfig, ...args])).stdout
  }

  test('a dropped kubeconfig appears within 2 s, and what the browser deploys kubectl sees', async ({
    page,
  }) => {
    await page.goto(hub)
    await page.getByRole('link', { name: /continue with/i }).click()
    await page.getByRole('button', { name: /admin/i }).click()
    await page.waitForURL((url) => url.origin === hub && url.pathname === '/')
    await expect(page.getByText('.kubeconfig').first()).toBeVisible()

    const source = join(folder, 'config')
    await writeFile(source, cluster.kubeconfig('client-certificate'))
    const droppedAt = performance.now()
    await copyFile(source, join(folder, 'credentials', 'my-cluster.kubeconfig'))
    await expect(page.getByRole('link', { name: 'my-cluster' })).toBeVisible({ timeout: 2_000 })
    test.info().annotations.push({
      type: 'appeared after',
      description: `${Math.round(performance.now() - droppedAt)} ms`,
    })

    await kubectl('create', 'namespace', 'ml-team')
    await page.getByRole('link', { name: 'my-cluster' }).click()
    await page.getByRole('link', { name: 'Deploy a model' }).first().click()
    await page.getByRole('textbox', { name: 'Model', exact: true }).fill('Qwen/Qwen3-8B')
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('real-one')
    await page.getByRole('combobox', { name: 'Namespace' }).click()
    await page.getByRole('option', { name: 'ml-team' }).click()
    await page.getByRole('button', { name: 'Deploy', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'real-one' })).toBeVisible()
    expect(await kubectl('get', 'modeldeployments', '-n', 'ml-team')).toContain('real-one')

    await kubectl(
      'patch',
      'modeldeployment',
      'real-one',
      '-n',
      'ml-team',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({
        status: { phase: 'Running', replicas: { desired: 1, ready: 1, available: 1 } },
      }),
    )
    // The controller's word alone makes nothing run: no runtime is installed there.
    await expect(page.getByText('The cluster’s own word: Running')).toBeVisible()
    await expect(page.getByRole('main').getByRole('status')).toContainText('Runtime not installed')
  })
})

async function waitForLine(child: ChildProcess, line: string): Promise<void> {
  let output = ''
  child.stdout!.setEncoding('utf8')
  for await (const chunk of child.stdout!) {
    output += String(chunk)
    if (output.includes(line)) break
  }
  expect(output).toContain(line)
  child.stdout!.resume()
}

async function end(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await Promise.race([exited, delay(15_000)])
}
