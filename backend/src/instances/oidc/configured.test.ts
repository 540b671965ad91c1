import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApiServer } from '@hub/demo'
import { OidcKubeconfig, OidcProfile, OidcSetup, Problem } from '@hub/shared'
import { beforeAll, expect, test, vi } from 'vitest'
import { selectAuditRows } from '../../audit/store.ts'
import { describeHub } from '../../../test/describe-hub.ts'
import type { Browser } from '../../../test/hub.ts'

const soon = { timeout: 20_000, interval: 50 }
const profile = { issuer: 'https://id.example.com', clientId: 'k8s', usernameClaim: 'email' }
const byHand = { ...profile, issuer: 'https://hand.example.com' }
let path: string

describeHub(
  'OIDC profiles of the configuration file',
  async ({ defer }) => {
    const folder = await mkdtemp(join(tmpdir(), 'configured-'))
    defer(() => rm(folder, { recursive: true }))
    path = join(folder, 'hub.yaml')
    await write([])
    const cluster = await startApiServer()
    defer(() => cluster.stop())
    return {
      env: {
        HUB_ADMINS: 'oidc:root',
        HUB_CONFIG_FILE: path,
        HUB_ACCESS_MODES: 'prod=passthrough',
      },
      credentials: { prod: cluster.kubeconfig('client-certificate') },
    }
  },
  (world) => {
    let root: Browser

    beforeAll(async () => {
      root = world.hub.browser()
      await root.signIn('root')
    })

    const at = '/api/instances/prod'
    const read = async () => OidcProfile.parse(await (await root.get(`${at}/oidc`)).json())
    const kubeconfig = async () =>
      OidcKubeconfig.parse(await (await root.get(`${at}/kubeconfig`)).json())
    /** Why the hub has no token of the caller's for the cluster: it names the issuer that the profile trusts. */
    const whoAmI = async () =>
      Problem.parse(await (await root.get(`${at}/whoami`)).json()).detail ?? ''

    test('win over what was set by hand, are read-only, and are followed', async () => {
      expect((await root.get(`${at}/oidc`)).status).toBe(404)
      expect((await root.send('PUT', `${at}/oidc`, byHand)).status).toBe(200)
      expect(await read()).toMatchObject({ ...byHand, source: 'manual', changedBy: 'oidc:root' })
      expect(await whoAmI()).toContain(byHand.issuer)

      await write([{ instance: 'prod', ...profile }])
      await vi.waitFor(async () => expect((await read()).source).toBe('config'), soon)
      expect(await read()).toMatchObject({ ...profile, changedBy: null })
      const written = await kubeconfig()
      expect(written.kubeconfig).toContain(profile.issuer)
      expect(await whoAmI()).toContain(profile.issuer)
      const signIn = await world.hub.browser().get(`${at}/sign-in?link=${written.link}`)
      expect(await signIn.json()).toMatchObject({ issuer: profile.issuer })
      for (const answer of [
        await root.send('PUT', `${at}/oidc`, byHand),
        await root.send('DELETE', `${at}/oidc`),
      ]) {
        expect(answer.status).toBe(409)
        expect(Problem.parse(await answer.json()).detail).toContain(
          `The OIDC profile of instance "prod" is set in the configuration file ${path} (HUB_CONFIG_FILE)`,
        )
      }

      await write([])
      await vi.waitFor(async () => expect((await read()).issuer).toBe(byHand.issuer), soon)
      expect(await whoAmI()).toContain(byHand.issuer)
      await vi.waitFor(async () => {
        const rows = (await selectAuditRows(world.database.db, 100)).filter(
          ({ action }) => action === 'config-file.apply',
        )
        expect(rows.map(({ after }) => after?.['oidcProfiles'])).toContainEqual([
          { instance: 'prod', ...profile },
        ])
      }, soon)
    })

    test('an empty prefix is none: in the profile, in names, in the flags and in the file', async () => {
      const bySub = { ...profile, usernameClaim: 'sub', usernamePrefix: '' }
      expect((await root.send('PUT', `${at}/oidc`, bySub)).status).toBe(200)
      expect(await read()).toMatchObject({ usernamePrefix: '-' })
      expect((await kubeconfig()).username).toBe('<sub>')
      const setup = OidcSetup.parse(await (await root.get(`${at}/oidc/setup`)).json())
      expect(setup.flags).toContain('--oidc-username-prefix=-')
      expect(setup.authenticationConfiguration).toContain('prefix: ""')
    })
  },
)

/** YAML has JSON in it. */
async function write(oidcProfiles: object[]) {
  await writeFile(path, JSON.stringify({ oidcProfiles }))
}
