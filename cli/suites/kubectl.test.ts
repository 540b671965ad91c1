import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { runProgram, startProgram, type Running } from '../test/run-program.ts'
import { signInAt, startWorld, type World } from '../test/world.ts'

const [assets, keycloakHome] = [process.env['KUBEBUILDER_ASSETS'], process.env['KEYCLOAK_HOME']]

describe.skipIf(!assets || !keycloakHome)(
  'kubectl at a real cluster that trusts a real Keycloak (KUBEBUILDER_ASSETS, KEYCLOAK_HOME)',
  () => {
    let world: World
    beforeAll(async () => {
      world = await startWorld(assets!, keycloakHome!)
      await world.client.request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
        body: {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRoleBinding',
          metadata: { name: 'vera' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
          subjects: [
            {
              apiGroup: 'rbac.authorization.k8s.io',
              kind: 'User',
              name: `${world.realm.issuer}#${world.realm.subject}`,
            },
          ],
        },
      })
    }, 240_000)
    afterAll(() => world?.stop())

    /** A kubeconfig of the cluster whose user signs in by the plugin with these arguments. */
    const writeKubeconfig = async (home: string, args: readonly string[]): Promise<string> => {
      const kubeconfig = parse(world.cluster.kubeconfig('client-certificate')) as {
        users: { user: unknown }[]
      }
      kubeconfig.users[0]!.user = {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          interactiveMode: 'IfAvailable',
          command: 'kubectl',
          args: ['together-login', 'get-token', ...args],
        },
      }
      const file = join(home, '.kube', 'config')
      await writeFile(file, stringify(kubeconfig))
      return file
    }
    const basic = () => [`--oidc-issuer-url=${world.realm.issuer}`, '--oidc-client-id=kube']
    const kubectl = (env: Record<string, string>, ...args: string[]): Running =>
      startProgram(join(assets!, 'kubectl'), args, { env })
    const nextOpened = async (before: number): Promise<string> => {
      await vi.waitFor(async () => expect((await world.readOpened()).length).toBe(before + 1), {
        timeout: 30_000,
      })
      return (await world.readOpened())[before]!
    }

    test('the first run signs in in the browser, the second answers from the cache', async () => {
      const { cache, env, home } = await world.newHome()
      await writeKubeconfig(home, basic())
      const before = (await world.readOpened()).length
      const first = kubectl(env, 'get', 'pods', '--all-namespaces')
      const { text } = await signInAt(world.browser, await nextOpened(before), world.realm)
      expect(text).toContain('You are signed in')
      expect(await first.ended).toMatchObject({ code: 0, stdout: '' })
      expect(await kubectl(env, 'auth', 'whoami').ended).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`${world.realm.issuer}#${world.realm.subject}`),
      })
      expect((await world.readOpened()).length).toBe(before + 1)
      expect((await stat(cache)).mode & 0o777).toBe(0o700)
    })
  },
)
void [runProgram, readFile]
