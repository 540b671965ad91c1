import { execFile, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Cluster } from '@hub/demo'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { createInstances } from '#clusters'
import { borrowControlPlane } from '../../../demo/test/borrow-control-plane.ts'
import { quietLog } from '../../test/quiet-log.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
const program = fileURLToPath(new URL('credential.ts', import.meta.url))
const deploy = new URL('../../../deploy/kubernetes/', import.meta.url)

type Rule = { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] }
type Manifest = {
  kind: string
  metadata: { name: string }
  rules?: Rule[]
  subjects?: { kind: string; name: string }[]
}

describe('the rights the hub asks for on a cluster', () => {
  const read = (url: URL) =>
    parseAllDocuments(readFileSync(url, 'utf8')).map((document) => document.toJS() as Manifest)
  const access = read(new URL('instance-rbac/access.yaml', deploy))
  const impersonation = read(new URL('instance-rbac-impersonate/impersonation.yaml', deploy))
  const groups = read(new URL('instance-rbac-impersonate/groups.yaml', deploy))
  const rulesOf = (manifests: Manifest[]) => manifests.flatMap(({ rules }) => rules ?? [])

  test('are the same in the demo world', () => {
    expect(read(new URL('../../../demo/manifests/hub-access.yaml', import.meta.url))).toEqual(
      access,
    )
  })

  test('have no wildcard, no secret and nothing for everybody', () => {
    for (const manifests of [access, impersonation, groups]) {
      const rules = rulesOf(manifests)
      expect(rules.length).toBeGreaterThan(0)
      expect(JSON.stringify(rules)).not.toMatch(/\*|secret|exec|portforward|escalate|"bind"/)
      const subjects = manifests.flatMap((manifest) => manifest.subjects ?? [])
      for (const { name } of subjects) expect(name).not.toMatch(/^system:/)
    }
  })

  test('let it act for no group but its own', () => {
    expect(rulesOf(access).flatMap(({ verbs }) => verbs)).not.toContain('impersonate')
    const rule = rulesOf(impersonation).find(({ resources }) => resources.includes('groups'))
    expect(rule?.resourceNames).toEqual(['hub:admin', 'hub:deployer', 'hub:viewer'])
  })
})

describe('bun run credential', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hub-credential-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const run = (...args: string[]) =>
    new Promise<{ code: number; output: string; errors: string }>((resolve) => {
      const path = `${assets ?? ''}${delimiter}${process.env['PATH']}`
      const env = { ...process.env, PATH: path, CREDENTIALS_PATH: join(folder, 'credentials') }
      const child = execFile(
        process.execPath,
        [program, ...args],
        { env, timeout: 60_000 },
        (error, output, errors) =>
          resolve({ code: error ? Number(error.code ?? 1) : 0, output, errors }),
      )
      child.stdin?.end()
    })

  test.each([
    [[], /^Name one context; "kubectl config get-contexts" lists yours\./],
    [['a', 'b'], /^Name one context/],
    [['Prod_East'], /^"Prod_East" cannot be the name of an instance\. Give one with --name/],
    [['a', '--name', '../b'], /^"\.\.\/b" cannot be the name/],
    [['a', '--duration', 'long'], /^--duration must be a time such as 720h/],
    [['a', '--force'], /--force/],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { code, errors } = await run(...args)
    expect(code).toBe(1)
    expect(errors).toMatch(sentence)
    expect(errors).not.toMatch(/\n\s+at /)
    expect(readdirSync(folder)).toEqual([])
  })

  describe.skipIf(!assets)('with kubectl on a real control plane (KUBEBUILDER_ASSETS)', () => {
    let cluster: Cluster
    let kubeconfig: string
    let own: string

    beforeAll(async () => {
      cluster = await borrowControlPlane()
    }, 90_000)
    afterAll(() => cluster?.stop(), 60_000)
    beforeEach(() => {
      kubeconfig = join(folder, 'own.kubeconfig')
      own = cluster.kubeconfig('client-certificate')
      writeFileSync(kubeconfig, own)
    })
    const credentialPath = () => join(folder, 'credentials', 'prod-east.kubeconfig')

    test('asks first, and does nothing without an answer', async () => {
      const { code, errors, output } = await run(
        'real',
        '--name',
        'prod-east',
        '--kubeconfig',
        kubeconfig,
      )
      expect(code).toBe(1)
      expect(output).toContain('deploy/kubernetes/instance-rbac\n')
      expect(output).toContain(`writes ${credentialPath()}`)
      expect(errors).toMatch(/Nothing was done; add --yes to go ahead\./)
      expect(existsSync(credentialPath())).toBe(false)
    })

    test("names a context that is not there, in kubectl's words and its own", async () => {
      const { code, errors } = await run('nowhere', '--kubeconfig', kubeconfig, '--yes')
      expect(code).toBe(1)
      expect(errors).toMatch(/"kubectl config view" failed; its reason is above\./)
    })

    test('refuses what the hub would refuse before it changes anything', async () => {
      const config = parse(own) as { clusters: { cluster: Record<string, unknown> }[] }
      config.clusters[0]!.cluster['proxy-url'] = 'http://127.0.0.1:1'
      writeFileSync(kubeconfig, stringify(config))
      const { code, errors } = await run(
        'real',
        '--name',
        'prod-east',
        '--kubeconfig',
        kubeconfig,
        '--yes',
      )
      expect(code).toBe(1)
      expect(errors).toMatch(/"proxy-url"/)
    })

    test.each([[[]], [['--impersonate']]])(
      'writes a credential that makes the instance ready, by the rights it applied %j',
      async (extra) => {
        // As on AKS, EKS and GKE: the operator's context runs a program, and the hub's must not.
        const config = parse(own) as { users: { user: Record<string, string> }[] }
        const { user } = config.users[0]!
        const decode = (field: string) => Buffer.from(user[field]!, 'base64').toString()
        const plugin = join(folder, 'plugin')
        const status = {
          clientCertificateData: decode('client-certificate-data'),
          clientKeyData: decode('client-key-data'),
        }
        const apiVersion = 'client.authentication.k8s.io/v1'
        const answer = JSON.stringify({ apiVersion, kind: 'ExecCredential', status })
        writeFileSync(plugin, `#!/bin/sh\ncat <<'END'\n${answer}\nEND\n`, { mode: 0o755 })
        const exec = { apiVersion, command: plugin, interactiveMode: 'IfAvailable' }
        writeFileSync(
          kubeconfig,
          stringify({ ...config, users: [{ ...config.users[0], user: { exec } }] }),
        )
        const { code, errors, output } = await run(
          'real',
          ...extra,
          '--name',
          'prod-east',
          '--kubeconfig',
          kubeconfig,
          '--yes',
        )
        expect([code, errors]).toEqual([0, ''])
        expect(output).toMatch(/serverside-applied/)
        expect(output).toMatch(/gave a token until 20\d\d-.*Z, for 30 days/)
        expect(statSync(credentialPath()).mode & 0o777).toBe(0o600)
        const written = readFileSync(credentialPath(), 'utf8')
        expect(written).not.toContain('exec')
        expect(output).not.toContain((parse(written) as typeof config).users[0]!.user['token'])

        const instances = createInstances({
          directory: join(folder, 'credentials'),
          policy: { allowLoopback: true, allowInsecureTls: false },
          log: quietLog,
          now: () => new Date(),
        })
        await instances.start()
        await vi.waitFor(() => expect(instances.find('prod-east')?.status.state).toBe('ready'), {
          timeout: 20_000,
          interval: 50,
        })
        await instances.stop()

        const kubectl = (...args: string[]) =>
          spawnSync(join(assets!, 'kubectl'), ['--kubeconfig', credentialPath(), ...args], {
            encoding: 'utf8',
          }).stdout.trim()
        expect(kubectl('auth', 'can-i', 'list', 'pods', '-A')).toBe('yes')
        expect(kubectl('auth', 'can-i', 'create', 'modeldeployments.airunway.ai', '-A')).toBe('yes')
        expect(kubectl('auth', 'can-i', 'list', 'secrets', '-A')).toBe('no')
        expect(kubectl('auth', 'can-i', 'create', 'pods', '-A')).toBe('no')
        const mayImpersonate = extra.length > 0 ? 'yes' : 'no'
        expect(kubectl('auth', 'can-i', 'impersonate', 'groups/hub:viewer')).toBe(mayImpersonate)
        expect(kubectl('auth', 'can-i', 'impersonate', 'groups/system:masters')).toBe('no')
      },
    )
  })
})
