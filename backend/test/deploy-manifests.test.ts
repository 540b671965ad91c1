import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type OpenControlPlane } from '@hub/demo'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { borrowControlPlane } from '../../demo/test/borrow-control-plane.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
const checkout = fileURLToPath(new URL('../..', import.meta.url))
const manifests = join(checkout, 'deploy', 'kubernetes')
const run = promisify(execFile)

type Manifest = { kind: string; metadata: { name: string }; spec?: Record<string, unknown> }

/** As the Secrets Store CSI driver installs it, as far as an API server that only checks shapes is concerned. */
const secretProviderClasses = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'secretproviderclasses.secrets-store.csi.x-k8s.io' },
  spec: {
    group: 'secrets-store.csi.x-k8s.io',
    scope: 'Namespaced',
    names: {
      kind: 'SecretProviderClass',
      listKind: 'SecretProviderClassList',
      plural: 'secretproviderclasses',
      singular: 'secretproviderclass',
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
}

describe.skipIf(!assets)('the manifests on a real control plane (KUBEBUILDER_ASSETS)', () => {
  let cluster: OpenControlPlane
  let folder: string
  const kubectl = async (...args: string[]) => {
    const { stdout } = await run(
      join(assets!, 'kubectl'),
      ['--kubeconfig', join(folder, 'kubeconfig'), ...args],
      { cwd: checkout, maxBuffer: 16 * 1024 * 1024 },
    )
    return stdout
  }
  const apply = async (objects: readonly object[], ...args: string[]) => {
    const path = join(folder, 'objects.json')
    await writeFile(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
    return kubectl('apply', '--server-side', '--filename', path, ...args)
  }
  const build = async (kustomization: string): Promise<Manifest[]> => {
    const yaml = await kubectl('kustomize', join(manifests, kustomization))
    return parseAllDocuments(yaml).map((document) => document.toJS() as Manifest)
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-manifests-'))
    cluster = await borrowControlPlane()
    await writeFile(join(folder, 'kubeconfig'), cluster.kubeconfig('client-certificate'), {
      mode: 0o600,
    })
    await apply([secretProviderClasses])
    await kubectl('wait', '--for=condition=Established', 'crd', secretProviderClasses.metadata.name)
  })
  afterAll(async () => {
    await cluster?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  // The first: later ones find the namespace there.
  test('docs/deploying.md has the commands in an order in which they work', async () => {
    const page = await readFile(join(checkout, 'docs/deploying.md'), 'utf8')
    const commands = page.match(/^kubectl (?:apply|create) .*$/gm)!
    expect(commands.length).toBeGreaterThan(3)
    for (const name of ['access.yaml', 'fireworks.key']) await writeFile(join(folder, name), '')
    for (const command of commands) {
      const args = command.replace('--from-file=', `--from-file=${folder}/`).split(' ').slice(1)
      // What follows has to find the namespace alone.
      const isTried = command.includes('namespace.yaml') ? [] : ['--dry-run=server']
      await kubectl(...args, ...isTried)
    }
  })

  test.each(['base', 'overlays/hub', 'overlays/hub-azure-keyvault'])(
    '%s is accepted, its pods under "restricted"',
    async (name) => {
      const objects = await build(name)
      const namespace = objects.find(({ kind }) => kind === 'Namespace')!
      await apply([namespace])
      const applied = await apply(objects, '--dry-run=server')
      expect(applied.trim().split('\n')).toHaveLength(objects.length)

      const deployment = objects.find(({ kind }) => kind === 'Deployment')!
      expect(deployment.metadata.name).toBe('kubefoundry')
      const { spec } = deployment.spec!['template'] as { spec: Record<string, unknown> }
      // No controller is there to make the account's namespace default; it has to be there for admission.
      await apply(objects.filter(({ kind }) => kind === 'ServiceAccount'))
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'as-the-deployment-makes-it', namespace: namespace.metadata.name },
        spec,
      }
      expect(await apply([pod], '--dry-run=server')).toContain('as-the-deployment-makes-it')
      const lax = { ...pod, spec: { ...spec, hostNetwork: true } }
      await expect(apply([lax], '--dry-run=server')).rejects.toThrow(/violates PodSecurity/)
    },
  )

  const csi = {
    driver: 'secrets-store.csi.k8s.io',
    readOnly: true,
    volumeAttributes: { secretProviderClass: 'kubefoundry-credentials' },
  }
  const target = { kind: 'Deployment', name: 'kubefoundry' }
  const merge = (volumes: object[]) => ({
    patch: JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'kubefoundry' },
      spec: { template: { spec: { volumes } } },
    }),
  })
  const json = (op: 'add' | 'replace', path: string, value: object) => ({
    target,
    patch: JSON.stringify([{ op, path: `/spec/template/spec/volumes/${path}`, value }]),
  })
  const claim = { persistentVolumeClaim: { claimName: 'hub' } }
  test.each<[string, string, object, object]>([
    ['credentials', 'a strategic merge', csi, merge([{ name: 'credentials', csi }])],
    [
      'credentials',
      'a merge that replaces the source',
      csi,
      merge([{ name: 'credentials', csi: { ...csi, $patch: 'replace' } }]),
    ],
    [
      'credentials',
      'a merge that replaces the whole list',
      csi,
      merge([
        { $patch: 'replace' },
        { name: 'credentials', csi },
        { name: 'data' },
        { name: 'tmp' },
      ]),
    ],
    [
      'credentials',
      'a merge that takes another away',
      csi,
      merge([{ name: 'credentials', emptyDir: null, csi }]),
    ],
    ['credentials', 'a JSON replacement', csi, json('replace', '0', { name: 'credentials', csi })],
    ['credentials', 'a JSON addition of the source', csi, json('add', '0/csi', csi)],
    ['data', 'a strategic merge', claim, merge([{ name: 'data', ...claim }])],
    [
      'tmp',
      'a strategic merge',
      { emptyDir: { medium: 'Memory' } },
      merge([{ name: 'tmp', emptyDir: { medium: 'Memory' } }]),
    ],
  ])("H43: the base's volume %s takes its source by %s", async (name, _, source, patch) => {
    const copy = join(folder, 'kubernetes')
    await cp(manifests, copy, { recursive: true })
    const overlay = join(copy, 'overlays', 'own')
    await mkdir(overlay, { recursive: true })
    const kustomization = { resources: ['../../base'], patches: [patch] }
    await writeFile(join(overlay, 'kustomization.yaml'), JSON.stringify(kustomization))
    const yaml = await kubectl('kustomize', overlay)
    const objects = parseAllDocuments(yaml).map((document) => document.toJS() as Manifest)
    await apply(objects.filter(({ kind }) => kind === 'Namespace'))
    for (const way of [['--server-side'], []]) {
      const path = join(folder, 'patched.yaml')
      await writeFile(path, yaml)
      const answer = await kubectl(
        'apply',
        ...way,
        '--dry-run=server',
        '--filename',
        path,
        '--output=json',
      )
      const { items } = JSON.parse(answer) as { items: Manifest[] }
      const { spec } = items.find(({ kind }) => kind === 'Deployment')!.spec!['template'] as {
        spec: { volumes: Record<string, unknown>[] }
      }
      const volume = spec.volumes.find((each) => each['name'] === name)
      expect(volume).toEqual({ name, ...(source === csi ? { csi } : source) })
      expect(spec.volumes).toHaveLength(3)
      // What no patch fills is an emptyDir.
      for (const other of spec.volumes.filter((each) => each !== volume)) {
        expect(other).toEqual({ name: other['name'], emptyDir: {} })
      }
    }
  })

  test('the component config-file mounts what the hub follows', async () => {
    const copy = join(folder, 'with-file')
    await cp(manifests, copy, { recursive: true })
    const overlay = join(copy, 'overlays', 'own')
    await mkdir(overlay, { recursive: true })
    const kustomization = {
      resources: ['../hub'],
      components: ['../../components/config-file'],
    }
    await writeFile(join(overlay, 'kustomization.yaml'), JSON.stringify(kustomization))
    const yaml = await kubectl('kustomize', overlay)
    const objects = parseAllDocuments(yaml).map((document) => document.toJS() as Manifest)
    await apply(objects.filter(({ kind }) => kind === 'Namespace'))
    await apply(objects, '--dry-run=server')
    const deployment = objects.find(({ kind }) => kind === 'Deployment')!
    expect(deployment.spec!['template']).toMatchObject({
      spec: {
        containers: [
          {
            env: expect.arrayContaining([
              { name: 'HUB_CONFIG_FILE', value: '/config/access.yaml' },
            ]),
            volumeMounts: expect.arrayContaining([
              { name: 'config', mountPath: '/config', readOnly: true },
            ]),
          },
        ],
        volumes: expect.arrayContaining([
          {
            name: 'config',
            projected: {
              sources: [
                { configMap: { name: 'kubefoundry-config' } },
                { secret: { name: 'kubefoundry-provider-keys', optional: true } },
              ],
            },
          },
        ]),
      },
    })
  })

  test('the component azure-workload-identity marks pods and account for its webhook', async () => {
    const copy = join(folder, 'with-identity')
    await cp(manifests, copy, { recursive: true })
    const overlay = join(copy, 'overlays', 'own')
    await mkdir(overlay, { recursive: true })
    const kustomization = {
      resources: ['../hub'],
      components: ['../../components/azure-workload-identity'],
    }
    await writeFile(join(overlay, 'kustomization.yaml'), JSON.stringify(kustomization))
    const yaml = await kubectl('kustomize', overlay)
    const objects = parseAllDocuments(yaml).map((document) => document.toJS() as Manifest)
    await apply(objects.filter(({ kind }) => kind === 'Namespace'))
    await apply(objects, '--dry-run=server')
    const find = (name: string) => objects.find(({ kind }) => kind === name)!
    expect(find('ServiceAccount')).toMatchObject({
      metadata: {
        annotations: {
          'azure.workload.identity/client-id': 'your-client-id',
          'azure.workload.identity/tenant-id': 'your-tenant-id',
        },
      },
    })
    expect(find('Deployment').spec!['template']).toMatchObject({
      metadata: { labels: { app: 'kubefoundry', 'azure.workload.identity/use': 'true' } },
    })
  })

  test('H43: the secrets of the vault are those that the environment names', async () => {
    const path = join(manifests, 'overlays/hub-azure-keyvault/secret-provider-classes.yaml')
    const text = await readFile(path, 'utf8')
    for (const name of ['session-secret', 'azure-client-secret', 'github-client-secret']) {
      expect(text).toContain(`objectName: ${name}\n`)
    }
  })

  test("the hub's account has no token and no rights", async () => {
    const objects = await build('overlays/hub-azure-keyvault')
    const kinds = objects.map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind.includes('Role'))).toEqual([])
    const account = objects.find(({ kind }) => kind === 'ServiceAccount')
    expect(account).toMatchObject({ automountServiceAccountToken: false })
  })
})
