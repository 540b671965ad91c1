import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { readBlocks } from '../test/documents.ts'
import { ownEnvironment, runProgram, startProgram, type Ran } from '../test/run-program.ts'
import { inSecretService } from '../test/secret-service.ts'
import { signInAt, startWorld, type World } from '../test/world.ts'

const [assets, keycloakHome] = [process.env['KUBEBUILDER_ASSETS'], process.env['KEYCLOAK_HOME']]
const daemon = process.env['SECRET_SERVICE']

/** What of the documents is not run here, and why. */
const exceptions: Record<string, string> = {
  'cluster-oidc.md 1': 'a drawing',
  'cluster-oidc.md 6': 'darwin: builds.test.ts checks its checksum and format',
  'cluster-oidc.md 7': 'darwin: builds.test.ts checks its checksum and format',
  'cluster-oidc.md 8': 'builds.test.ts runs it against a hub',
  'cluster-oidc.md 9': 'builds.test.ts runs all but the program, which is of another processor',
}

type Exec = { apiVersion: string; command: string; args: string[]; interactiveMode?: string }
type Kubeconfig = {
  users: { name: string; user: { exec: Exec } }[]
  contexts: { context: { user: string } }[]
}
type Home = Awaited<ReturnType<World['newHome']>>

describe.skipIf(!assets || !keycloakHome)(
  'kubectl at a real cluster that trusts a real Keycloak (KUBEBUILDER_ASSETS, KEYCLOAK_HOME)',
  { timeout: 300_000 },
  () => {
    let world: World
    const used = new Set<string>()
    beforeAll(async () => {
      world = await startWorld(assets!)
    }, 400_000)
    afterAll(() => world?.stop())

    /** A block of a document, with this world's issuer, clients and people. */
    const block = (document: string, number: number): string => {
      used.add(`${document} ${number}`)
      const { issuer, clientSecret, subject } = world.realm
      return readBlocks(document)
        .find((each) => each.number === number)!
        .text.replaceAll('https://auth.together.ai', issuer)
        .replaceAll('https://accounts.google.com', issuer)
        .replaceAll('https://login.microsoftonline.com/<TENANT_ID>/v2.0', issuer)
        .replaceAll('105010678054620911233', subject)
        .replaceAll('USER_SUBJECT', subject)
        .replaceAll('user@company.com', world.realm.email)
        .replaceAll('YOUR_TOGETHER_CLIENT_SECRET', clientSecret)
        .replaceAll('<your-client-secret>', clientSecret)
        .replaceAll('YOUR_TOGETHER_CLIENT_ID', 'kube')
    }

    /** The kubeconfig of the cluster, with these users beside its administrator; v1 wants to know whether it may ask. */
    const toKubeconfig = (users: Kubeconfig['users'], cluster = world.cluster): string => {
      const kubeconfig = parse(cluster.kubeconfig('client-certificate')) as Kubeconfig
      for (const { user } of users) user.exec.interactiveMode = 'IfAvailable'
      kubeconfig.users.push(...users)
      if (users.length > 0) kubeconfig.contexts[0]!.context.user = users[0]!.name
      return stringify(kubeconfig)
    }
    const usersOf = (text: string) => (parse(text) as Kubeconfig).users
    const basicUsers = (change: (exec: Exec) => void = () => {}) => {
      const users = usersOf(block('kubelogin.md', 4))
      change(users[0]!.user.exec)
      return users
    }
    const newHome = async (kubeconfig: string): Promise<Home> => {
      const home = await world.newHome()
      await writeFile(join(home.home, '.kube', 'config'), kubeconfig)
      return home
    }

    const shell = (home: Home, script: string) =>
      startProgram('/bin/sh', ['-ec', script], { env: home.env, cwd: home.home })
    const run = async (home: Home, script: string): Promise<Ran> => await shell(home, script).ended
    /** Runs it while somebody signs in in the browser that it opens, once. */
    const runAndSignIn = async (home: Home, script: string): Promise<Ran> => {
      const before = (await world.readOpened()).length
      const running = shell(home, script)
      let isOver = false
      void running.ended.then(() => (isOver = true))
      await vi.waitFor(
        async () => expect(isOver || (await world.readOpened()).length > before).toBe(true),
        { timeout: 60_000 },
      )
      const opened = (await world.readOpened())[before]
      if (opened === undefined) throw new Error(`It opened nothing: ${running.said()}`)
      const { context, text } = await signInAt(world.browser, opened, world.realm)
      await context.close()
      expect(text).toContain('You are signed in')
      const ran = await running.ended
      expect((await world.readOpened()).length).toBe(before + 1)
      return ran
    }
    const runAsAdmin = async (script: string) => await run(await newHome(toKubeconfig([])), script)
    const name = () => `${world.realm.issuer}#${world.realm.subject}`
    const whoAmI = 'kubectl auth whoami -o jsonpath={.status.userInfo.username}'
    const entryOf = async ({ cache }: Home) => {
      const key = (await readdir(cache)).find((each) => /^[0-9a-f]{64}$/.test(each))!
      return join(cache, key)
    }
    const changeEntry = async (home: Home, change: (entry: Record<string, unknown>) => void) => {
      const entry = JSON.parse(await readFile(await entryOf(home), 'utf8')) as Record<
        string,
        unknown
      >
      change(entry)
      await writeFile(await entryOf(home), JSON.stringify(entry))
    }

    test('the basic kubeconfig: the first run signs in, the second answers from the cache', async () => {
      const home = await newHome(toKubeconfig(basicUsers()))
      expect(await runAndSignIn(home, whoAmI)).toMatchObject({ code: 0, stdout: name() })
      const opened = (await world.readOpened()).length
      expect(await run(home, whoAmI)).toMatchObject({ code: 0, stdout: name(), stderr: '' })
      expect((await world.readOpened()).length).toBe(opened)
      expect((await stat(home.cache)).mode & 0o777).toBe(0o700)
      expect((await stat(await entryOf(home))).mode & 0o777).toBe(0o600)
      // Without a binding it is known and may nothing; with one it may.
      const pods = block('kubelogin.md', 10)
      expect(await run(home, pods)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Forbidden'),
      })
      expect(await runAsAdmin(block('kubelogin.md', 8))).toMatchObject({ code: 0 })
      expect(await run(home, pods)).toMatchObject({ code: 0 })
      await runAsAdmin('kubectl delete clusterrolebinding together-ai-admin')
    })

    test('v1 without interactiveMode, as the document has it, is refused by kubectl itself', async () => {
      const home = await newHome(toKubeconfig(basicUsers()))
      const file = join(home.home, '.kube', 'config')
      const text = await readFile(file, 'utf8')
      await writeFile(file, text.replace(/^ *interactiveMode: .*\n/m, ''))
      expect(await run(home, whoAmI)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('interactiveMode must be specified'),
      })
    })

    test('a token that ends is renewed without a browser', async () => {
      const home = await newHome(toKubeconfig(basicUsers()))
      await runAndSignIn(home, whoAmI)
      let token: unknown
      await changeEntry(home, (entry) => {
        token = entry['token']
        entry['expiresAt'] = Date.now()
      })
      const opened = (await world.readOpened()).length
      expect(await run(home, whoAmI)).toMatchObject({ code: 0, stdout: name() })
      expect((await world.readOpened()).length).toBe(opened)
      await changeEntry(home, (entry) => expect(entry['token']).not.toBe(token))
    })

    test('with a secret, by flag and by OIDC_CLIENT_SECRET', async () => {
      const users = usersOf(block('kubelogin.md', 5))
      const { exec } = users[0]!.user
      exec.args = exec.args.map((arg) => arg.replace('client-id=kube', 'client-id=kube-secret'))
      const byFlag = await newHome(toKubeconfig(users))
      expect(await runAndSignIn(byFlag, whoAmI)).toMatchObject({ code: 0, stdout: name() })

      exec.args = exec.args.filter((arg) => !arg.startsWith('--oidc-client-secret'))
      const byVariable = await newHome(toKubeconfig(users))
      const exported = block('cluster-oidc.md', 11)
      expect(block('cluster-oidc.md', 15)).toBe(exported)
      expect(await runAndSignIn(byVariable, `${exported}\n${whoAmI}`)).toMatchObject({
        code: 0,
        stdout: name(),
      })
    })

    test('-v1 says what happens on stderr', async () => {
      const { args } = usersOf(block('kubelogin.md', 13))[0]!.user.exec
      const home = await newHome(toKubeconfig(basicUsers((exec) => (exec.args = args))))
      const ran = await runAndSignIn(home, whoAmI)
      expect(ran).toMatchObject({ code: 0, stdout: name() })
      expect(ran.stderr).toContain(`GET ${world.realm.issuer}/.well-known/openid-configuration`)
    })

    test('device code: entered in a browser on any machine', async () => {
      const { args } = parse(block('kubelogin.md', 14)) as Exec
      const home = await newHome(toKubeconfig(basicUsers((exec) => (exec.args = args))))
      const running = shell(home, whoAmI)
      const find = () => /^https:\S+user_code=\S+$/m.exec(running.said())?.[0]
      await vi.waitFor(() => expect(find()).toBeTruthy(), { timeout: 60_000 })
      const { context } = await signInAt(world.browser, find()!, world.realm, { consent: true })
      await context.close()
      expect(await running.ended).toMatchObject({ code: 0, stdout: name() })
    })

    test('client credentials: a program is itself', async () => {
      const home = await newHome(
        toKubeconfig(
          basicUsers((exec) => {
            exec.args = exec.args.map((arg) =>
              arg.replace('client-id=kube', 'client-id=kube-secret'),
            )
            exec.args.push('--grant-type=client-credentials')
          }),
        ),
      )
      const secret = `export OIDC_CLIENT_SECRET='${world.realm.clientSecret}'`
      const ran = await run(home, `${secret}\n${whoAmI}`)
      expect(ran).toMatchObject({ code: 0 })
      expect(ran.stdout).toMatch(new RegExp(`^${world.realm.issuer}#.+`))
    })

    test('a cache folder of its own', async () => {
      const { args } = parse(block('kubelogin.md', 15)) as Exec
      const custom = join(world.folder, 'custom')
      const home = await newHome(
        toKubeconfig(
          basicUsers(
            (exec) => (exec.args = args.map((arg) => arg.replace('/custom/path', custom))),
          ),
        ),
      )
      expect(await runAndSignIn(home, whoAmI)).toMatchObject({ code: 0 })
      expect((await readdir(join(custom, '.kube', 'cache'))).length).toBeGreaterThan(0)
      await expect(stat(home.cache)).rejects.toThrow('ENOENT')
    })

    test.skipIf(!daemon)('the keyring (SECRET_SERVICE)', async () => {
      const home = await newHome(toKubeconfig(usersOf(block('kubelogin.md', 6))))
      const [file, args] = inSecretService(daemon!, `${whoAmI}; echo; ${whoAmI}`)
      const words = [file, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
      const ran = await runAndSignIn(home, words.join(' '))
      expect(ran.stdout).toContain(`${name()}\n${name()}`)
      expect(JSON.parse(await readFile(await entryOf(home), 'utf8'))).toEqual({
        issuer: world.realm.issuer,
        clientId: 'kube',
        expiresAt: expect.any(Number),
        sealed: expect.any(String),
      })
    })

    test('kubectl config set-credentials, as the document and as setup print it', async () => {
      const home = await newHome(toKubeconfig([]))
      // Newer kubectls write interactiveMode by themselves; older ones leave it to be added.
      expect(await run(home, block('kubelogin.md', 7))).toMatchObject({ code: 0 })
      expect(await run(home, block('kubelogin.md', 9))).toMatchObject({ code: 0 })
      const file = join(home.home, '.kube', 'config')
      const written = parse(await readFile(file, 'utf8')) as Kubeconfig
      expect(written.contexts[0]!.context.user).toBe('together-ai')
      await writeFile(
        file,
        toKubeconfig(written.users.filter(({ name: user }) => user === 'together-ai')),
      )
      expect(await runAndSignIn(home, whoAmI)).toMatchObject({ code: 0, stdout: name() })

      const setup = await runAndSignIn(home, block('kubelogin.md', 11))
      expect(setup).toMatchObject({ code: 0 })
      expect(setup.stdout).toContain(`"sub": "${world.realm.subject}"`)
      const command = /^kubectl config set-credentials oidc (?:.*\\\n)+.*$/m.exec(setup.stdout)![0]
      expect(await run(home, command)).toMatchObject({ code: 0 })
      const binding = /^kubectl create clusterrolebinding .*$/m.exec(setup.stdout)![0]
      expect(await runAsAdmin(binding)).toMatchObject({ code: 0 })
      const asPrinted = 'kubectl --user=oidc get namespaces'
      expect(await run(home, asPrinted)).toMatchObject({ code: 0 })
      await runAsAdmin('kubectl delete clusterrolebinding oidc-cluster-admin')
    })

    test('an OIDC kubeconfig from the clipboard: 403 until an administrator binds, and after they revoke', async () => {
      const home = await newHome(toKubeconfig([]))
      const kubeconfig = toKubeconfig(basicUsers())
      await writeFile(join(world.bin, 'pbpaste'), `#!/bin/sh\ncat <<'E'\n${kubeconfig}\nE\n`)
      await chmod(join(world.bin, 'pbpaste'), 0o755)
      expect(await run(home, block('cluster-oidc.md', 5))).toMatchObject({ code: 0 })
      await mkdir(home.cache, { recursive: true })
      const nodes = block('cluster-oidc.md', 12)
      expect(await runAndSignIn(home, nodes)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Forbidden'),
      })
      // By email and by name, which are names of nobody on a cluster that reads the subject; then by the subject.
      const remove = block('cluster-oidc.md', 13)
      for (const [number, code] of [
        [2, 1],
        [4, 1],
        [3, 0],
      ] as const) {
        expect(await runAsAdmin(block('cluster-oidc.md', number))).toMatchObject({ code: 0 })
        const tried = 'kubectl --kubeconfig=$HOME/.kube/my-cluster-oidc.yaml get nodes'
        expect(await run(home, tried)).toMatchObject({ code })
        expect(await runAsAdmin(remove)).toMatchObject({ code: 0 })
        expect(await run(home, tried)).toMatchObject({ code: 1 })
      }
      expect(await run(home, block('cluster-oidc.md', 14))).toMatchObject({ code: 0 })
      await expect(stat(home.cache)).rejects.toThrow('ENOENT')
    })

    test("a cluster that knows the issuer by the document's four flags", async () => {
      const flags = block('kubelogin.md', 3).split('\n')
      expect(flags.length).toBe(4)
      const cluster = await world.startCluster([...flags, `--oidc-ca-file=${world.authorityFile}`])
      const home = await newHome(toKubeconfig(basicUsers(), cluster))
      expect(await runAndSignIn(home, whoAmI)).toMatchObject({
        code: 0,
        stdout: world.realm.email,
      })
    })

    test('make build, and the copy under the plugin’s name', async () => {
      const home = await newHome(toKubeconfig([]))
      const own = join(home.home, 'own-bin')
      await mkdir(own)
      const script = block('kubelogin.md', 1)
        .replace(/^git clone .*\ncd .*$/m, `cd '${join(import.meta.dirname, '..')}'`)
        .replace('sudo ', '')
        .replaceAll('/usr/local/bin', own)
      // As whoever builds it has a network.
      const made = await runProgram('/bin/sh', ['-ec', script], { env: ownEnvironment() })
      expect(made).toMatchObject({ code: 0 })
      home.env.PATH = `${own}:${assets}:/usr/bin:/bin`
      const help = block('kubelogin.md', 2)
      expect(block('cluster-oidc.md', 10)).toBe(help)
      expect(await run(home, help)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('Usage: kubectl together-login COMMAND'),
      })
    })

    test('clean signs out here, logout at the provider too', async () => {
      const home = await newHome(toKubeconfig(basicUsers()))
      await runAndSignIn(home, whoAmI)
      expect(await run(home, block('kubelogin.md', 12))).toMatchObject({ code: 0, stdout: '' })
      await expect(stat(home.cache)).rejects.toThrow('ENOENT')
      await runAndSignIn(home, whoAmI)
      const entry = await readFile(await entryOf(home), 'utf8')
      expect(await run(home, 'kubectl together-login logout')).toMatchObject({ code: 0 })
      // What somebody copied before opens nothing any more.
      const { refreshToken } = JSON.parse(entry) as { refreshToken: string }
      expect(await world.realm.takesRefreshToken(refreshToken)).toBe(false)
    })

    test('a token that the cluster refuses is renewed; without a refresh token it is said what to do', async () => {
      const home = await newHome(toKubeconfig(basicUsers()))
      await runAndSignIn(home, whoAmI)
      const spoil = (entry: Record<string, unknown>) => {
        const [header, payload] = String(entry['token']).split('.')
        entry['token'] = `${header}.${payload}.${'A'.repeat(342)}`
      }
      await changeEntry(home, spoil)
      // kubectl asks again for its next request, and does not repeat the refused one.
      expect((await run(home, whoAmI)).code).toBe(1)
      const opened = (await world.readOpened()).length
      expect(await run(home, whoAmI)).toMatchObject({ code: 0, stdout: name() })
      expect((await world.readOpened()).length).toBe(opened)
      await changeEntry(home, (entry) => {
        spoil(entry)
        entry['refreshToken'] = null
      })
      const ran = await run(home, whoAmI)
      expect(ran.code).not.toBe(0)
      expect(ran.stderr).toContain('sign out with "logout" and sign in again')
    })

    test('twenty kubectls at once with a token that has ended open one browser', async () => {
      const home = await newHome(toKubeconfig(basicUsers()))
      await runAndSignIn(home, whoAmI)
      await changeEntry(home, (entry) => {
        entry['expiresAt'] = 0
        entry['refreshToken'] = null
      })
      const twenty = `for i in $(seq 20); do (who=$(${whoAmI}); echo "$who") & done; wait`
      const ran = await runAndSignIn(home, twenty)
      expect(ran.stdout.split('\n').filter((line) => line === name()).length).toBe(20)
    })

    test('no block of the documents is left out', () => {
      const all = ['kubelogin.md', 'cluster-oidc.md'].flatMap(readBlocks)
      const left = all
        .map(({ document, number }) => `${document} ${number}`)
        .filter((id) => !used.has(id) && !(id in exceptions))
      expect(left).toEqual(daemon ? [] : ['kubelogin.md 6'])
    })
  },
)
