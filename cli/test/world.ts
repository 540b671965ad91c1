import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createKubeClient, startControlPlane } from '@hub/demo'
import { chromium, type Browser, type BrowserContext } from '@playwright/test'
import { findChromium } from '../../frontend/test/chromium.ts'
import { buildProgram } from './program.ts'
import { joinRealm } from './realm.ts'

export type World = Awaited<ReturnType<typeof startWorld>>

/**
 * A real cluster that trusts a real Keycloak over TLS, a Chromium, and a home with kubectl and the plugin on its PATH. What
 * the plugin opens is written down by a program named as the desktop's own.
 */
export async function startWorld(assets: string) {
  const undo: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), 'hub-kubectl-'))
    undo.push(() => rm(folder, { recursive: true, force: true }))
    const [realm, program, browser] = await Promise.all([
      joinRealm(),
      buildProgram(),
      findChromium({ isBrief: true }).then((options) => chromium.launch(options)),
    ])
    undo.push(() => browser.close())
    const authorityFile = join(folder, 'idp-ca.crt')
    await writeFile(authorityFile, realm.authority)

    const startCluster = async (flags: readonly string[]) => {
      const cluster = await startControlPlane({ assets, apiServerFlags: flags })
      undo.push(() => cluster.stop())
      return cluster
    }
    const configuration = join(folder, 'authentication.json')
    await writeFile(configuration, JSON.stringify(describeTrust(realm.issuer, realm.authority)))
    const cluster = await startCluster([`--authentication-config=${configuration}`])
    const client = createKubeClient(cluster.kubeconfig('client-certificate'))
    undo.push(async () => client.close())

    const bin = join(folder, 'bin')
    await mkdir(bin)
    const plugin = join(bin, 'kubectl-together_login')
    await copyFile(program, plugin)
    await chmod(plugin, 0o755)
    const opened = join(folder, 'opened')
    await writeFile(join(bin, 'xdg-open'), `#!/bin/sh\nprintf '%s\\n' "$1" >>'${opened}'\n`, {
      mode: 0o755,
    })
    const path = [bin, assets, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter)
    let homes = 0
    return {
      folder,
      bin,
      plugin,
      realm,
      cluster,
      client,
      browser,
      authority: realm.authority,
      authorityFile,
      startCluster,
      stop,
      /** A person who has signed in nowhere yet: an empty home, and the variables of their terminal. */
      newHome: async () => {
        homes += 1
        const home = join(folder, `home-${homes}`)
        await mkdir(join(home, '.kube'), { recursive: true })
        const env = { HOME: home, PATH: path, DISPLAY: ':99', SSL_CERT_FILE: authorityFile }
        return { home, env, cache: join(home, '.kube', 'cache', 'oidc-login') }
      },
      /** Every address that was opened so far. */
      readOpened: async () => {
        const text = await readFile(opened, 'utf8').catch(() => '')
        return text.split('\n').filter((line) => line !== '')
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function describeTrust(issuer: string, authority: string) {
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [
      {
        issuer: {
          url: issuer,
          audiences: ['kube', 'kube-secret'],
          audienceMatchPolicy: 'MatchAny',
          certificateAuthority: authority,
        },
        claimMappings: { username: { claim: 'sub', prefix: `${issuer}#` } },
      },
    ],
  }
}

/** Signs the person in at Keycloak, in a browser that knows nobody; resolves with what the last page says. */
export async function signInAt(
  browser: Browser,
  address: string,
  person: { username: string; password: string },
  { consent = false } = {},
): Promise<{ text: string; context: BrowserContext }> {
  // Chromium keeps authorities of its own; that the plugin checks them is what the tests are about.
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  await page.goto(address)
  await page.getByLabel(/username/i).fill(person.username)
  await page.locator('input[name=password]').fill(person.password)
  await page.getByRole('button', { name: /sign in/i }).click()
  if (consent) await page.getByRole('button', { name: /yes/i }).click()
  await page
    .getByText(/signed in|successful|refused/i)
    .first()
    .waitFor()
  return { text: await page.locator('body').innerText(), context }
}
