import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ControlPlane } from '@hub/demo'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { databases } from '../../backend/test/databases.ts'
import { startHub, type Browser } from '../../backend/test/hub.ts'
import { startOddIdentityProvider } from '../../backend/test/odd-identity-provider.ts'
import { serveApp } from '../../backend/test/serve-app.ts'
import { createTrustingFetch } from '../../backend/test/trusting-fetch.ts'
import { startProgram } from '../test/run-program.ts'
import { signInAt, startWorld, type World } from '../test/world.ts'

const [assets, keycloakHome] = [process.env['KUBEBUILDER_ASSETS'], process.env['KEYCLOAK_HOME']]

const claims = ['email', 'preferred_username', 'sub'] as const
const prefixes = [null, '-', "o'id:"] as const
const ways = claims.flatMap((usernameClaim) =>
  prefixes.map((usernamePrefix) => ({ usernameClaim, usernamePrefix })),
)
type Kubeconfig = { kubeconfig: string; username: string; link: string }
type Setup = { flags: string[]; authenticationConfiguration: string; auditPolicy: string }

describe.skipIf(!assets || !keycloakHome)(
  "a cluster's own sign-in, from Verify to a binding (KUBEBUILDER_ASSETS, KEYCLOAK_HOME)",
  { timeout: 300_000 },
  () => {
    const undo: (() => unknown)[] = []
    let world: World
    let address: string
    let root: Browser

    beforeAll(async () => {
      world = await startWorld(assets!)
      undo.push(() => world.stop())
      const [database, identityProvider] = await Promise.all([
        databases[0].open(),
        startOddIdentityProvider(),
      ])
      undo.push(
        () => database.dispose(),
        () => identityProvider.stop(),
      )
      const trusting = createTrustingFetch(world.authority)
      undo.push(trusting.close)
      const kubeconfig = world.cluster.kubeconfig('client-certificate')
      const hub = await startHub({
        db: database.db,
        identityProvider,
        fetch: trusting.fetch,
        env: { HUB_ADMINS: 'oidc:root' },
        credentials: { prod: kubeconfig, other: kubeconfig },
      })
      undo.push(() => hub.stop())
      const served = await serveApp(hub)
      undo.push(() => served[Symbol.asyncDispose]())
      address = served.url
      root = hub.browser()
      await root.signIn('root')
      await vi.waitFor(() => expect(hub.fleet.instanceState('prod').synced).toBe(true), {
        timeout: 60_000,
      })
    }, 400_000)
    afterAll(async () => {
      for (const end of undo.toReversed()) await end()
    })

    const ask = async <Body>(...[method, path, body]: Parameters<Browser['send']>) => {
      const answer = await root.send(method, path, body)
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
      return (text === '' ? null : JSON.parse(text)) as Body
    }
    const get = async <Body>(path: string) => (await (await root.get(path)).json()) as Body
    type Home = Awaited<ReturnType<World['newHome']>>
    const shell = (home: Home, script: string) =>
      startProgram('/bin/sh', ['-ec', script], { env: home.env, cwd: home.home })
    const adminOf = async (cluster: ControlPlane) => {
      const home = await world.newHome()
      const kubeconfig = cluster.kubeconfig('client-certificate')
      await writeFile(join(home.home, '.kube', 'config'), kubeconfig)
      return home
    }

    test('403 until the hub binds, works, 403 once the binding is gone; by the hub as by the provider', async () => {
      const { issuer, subject } = world.realm
      const profile = { issuer, clientId: 'kube', usernameClaim: 'sub' }
      const { items } = await ask<{ items: { name: string; outcome: string }[] }>(
        'POST',
        '/api/instances/prod/oidc/verify',
        profile,
      )
      expect(items.filter(({ outcome }) => outcome === 'fail')).toEqual([])
      expect(items.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['discovery', 'issuer', 'keys', 'PKCE', 'clock']),
      )
      await ask('PUT', '/api/instances/prod/oidc', profile)
      const made = await get<Kubeconfig>('/api/instances/prod/kubeconfig')
      const name = made.username.replace('<sub>', subject)

      const home = await world.newHome()
      const file = join(home.home, '.kube', 'prod-oidc.yaml')
      await writeFile(file, made.kubeconfig)
      const nodes = `kubectl --kubeconfig='${file}' get nodes`
      const running = shell(home, nodes)
      await vi.waitFor(async () => expect(await world.readOpened()).toHaveLength(1), {
        timeout: 60_000,
      })
      const { context } = await signInAt(world.browser, (await world.readOpened())[0]!, world.realm)
      await context.close()
      const refused = await running.ended
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Forbidden') })
      expect(refused.stderr).toContain(`User "${name}" cannot list resource "nodes"`)

      const admin = await adminOf(world.cluster)
      const role = 'kubectl create clusterrole node-reader --verb=get,list --resource=nodes'
      expect((await shell(admin, role).ended).code).toBe(0)
      const { binding } = await ask<{ binding: { name: string } }>(
        'POST',
        '/api/instances/prod/bindings',
        { user: subject, role: 'node-reader' },
      )
      await vi.waitFor(async () => expect((await shell(home, nodes).ended).code).toBe(0), {
        timeout: 30_000,
      })

      // By the hub it is the same sign-in: nobody is asked again.
      const write = `kubectl together-login kubeconfig --hub=${address} --instance=prod --link=${made.link}`
      expect(await shell(home, write).ended).toMatchObject({ code: 0, stdout: '' })
      const byHub = 'kubectl --context=prod-oidc get nodes'
      expect(await shell(home, byHub).ended).toMatchObject({ code: 0 })
      const whoAmI = 'kubectl auth whoami -o jsonpath={.status.userInfo.username}'
      expect(await shell(home, whoAmI).ended).toMatchObject({ code: 0, stdout: name })
      expect(await world.readOpened()).toHaveLength(1)

      await ask('DELETE', `/api/instances/prod/bindings/${binding.name}`)
      for (const command of [nodes, byHub]) {
        await vi.waitFor(
          async () =>
            expect(await shell(home, command).ended).toMatchObject({
              code: 1,
              stderr: expect.stringContaining(`User "${name}" cannot list`),
            }),
          { timeout: 30_000 },
        )
      }
    })

    /** What the hub says of a way to name people: how the API server is told, and whom it will see. */
    const predict = async (issuer: string, way: (typeof ways)[number]) => {
      const token = await world.realm.idToken(issuer)
      const value = (
        JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8')) as Record<
          string,
          string
        >
      )[way.usernameClaim]!
      await ask('PUT', '/api/instances/other/oidc', { issuer, clientId: 'kube', ...way })
      const [setup, { username }, { subject }] = await Promise.all([
        get<Setup>('/api/instances/other/oidc/setup'),
        get<Kubeconfig>('/api/instances/other/kubeconfig'),
        get<{ subject: string }>(
          `/api/instances/other/bindings/commands?role=view&user=${encodeURIComponent(value)}`,
        ),
      ])
      expect(username.replace(`<${way.usernameClaim}>`, value)).toBe(subject)
      return { token, setup, subject }
    }

    /** SelfSubjectReview, with a token alone. */
    const whoIs = async (cluster: ControlPlane, token: string) => {
      const kubeconfig = parse(cluster.kubeconfig('client-certificate')) as {
        users: { user: unknown }[]
      }
      kubeconfig.users[0]!.user = { token }
      const home = await world.newHome()
      await writeFile(join(home.home, '.kube', 'config'), stringify(kubeconfig))
      const ran = await shell(home, 'kubectl auth whoami -o jsonpath={.status.userInfo.username}')
        .ended
      return ran.code === 0 ? ran.stdout : ran.stderr
    }

    // Each needs an API server of its own; what that keeps may be the same.
    let flagged: ControlPlane | null = null
    test.each(ways)(
      'by flags, the API server calls people as predicted: $usernameClaim, prefix $usernamePrefix',
      async (way) => {
        const { setup, subject, token } = await predict(world.realm.issuer, way)
        const flags = [...setup.flags, `--oidc-ca-file=${world.authorityFile}`]
        if (flagged) await flagged.restart({ apiServerFlags: flags })
        const cluster = (flagged ??= await world.startCluster(flags))
        await vi.waitFor(async () => expect(await whoIs(cluster, token)).toBe(subject), {
          timeout: 60_000,
          interval: 500,
        })
      },
    )

    test('by one configuration of many issuers, the API server calls people as predicted', async () => {
      await flagged?.stop()
      const issuers: object[] = []
      const expected: { token: string; subject: string }[] = []
      for (const [index, way] of ways.entries()) {
        const { setup, ...person } = await predict(await world.realm.addIssuer(`way-${index}`), way)
        const { jwt } = parse(setup.authenticationConfiguration) as { jwt: { issuer: object }[] }
        const [each] = jwt
        issuers.push({
          ...each,
          issuer: { ...each!.issuer, certificateAuthority: world.authority },
        })
        expected.push(person)
      }
      const configuration = join(world.folder, 'many.yaml')
      await writeFile(
        configuration,
        stringify({
          apiVersion: 'apiserver.config.k8s.io/v1',
          kind: 'AuthenticationConfiguration',
          jwt: issuers,
        }),
      )
      const [policy, log] = [join(world.folder, 'audit.yaml'), join(world.folder, 'audit.log')]
      await writeFile(policy, (await get<Setup>('/api/instances/other/oidc/setup')).auditPolicy)
      const cluster = await world.startCluster([
        `--authentication-config=${configuration}`,
        `--audit-policy-file=${policy}`,
        `--audit-log-path=${log}`,
      ])
      for (const { subject, token } of expected) {
        await vi.waitFor(async () => expect(await whoIs(cluster, token)).toBe(subject), {
          timeout: 60_000,
          interval: 500,
        })
      }
      expect(new Set(expected.map(({ subject }) => subject)).size).toBeGreaterThan(5)
      // What the API server writes down names everybody.
      const [last] = expected.slice(-1)
      await vi.waitFor(
        async () => expect(await readFile(log, 'utf8')).toContain(JSON.stringify(last!.subject)),
        { timeout: 30_000 },
      )
      await cluster.stop()
    })
  },
)
