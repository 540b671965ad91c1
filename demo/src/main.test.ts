import { spawn } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKubeClient } from './client.ts'
import type { KubeObject } from './objects.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

describe('bun run demo', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-demo-test-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const start = (env: Record<string, string>) => {
    const { NODE_COMPILE_CACHE, PATH } = process.env
    const child = spawn(process.execPath, [main], {
      env: { PATH, NODE_COMPILE_CACHE, TMPDIR: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const says = async (text: string) => {
      while (!output.stdout.includes(text)) {
        if (child.exitCode !== null) throw new Error(output.stdout + output.stderr)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    return { child, output, ended, says }
  }

  test('a taken port is one sentence and exit code 1, at once', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { ended, output } = start({ PORT: String(port) })
    expect(await ended).toBe(1)
    expect(output).toEqual({
      stdout: '',
      stderr: `Port ${port} is taken: stop what listens there, or set PORT to another one.\n`,
    })
    server.close()
  })

  test('a port that is none is one sentence', async () => {
    const { ended, output } = start({ PORT: '80a' })
    expect(await ended).toBe(1)
    expect(output.stderr).toBe('PORT must be a number from 1 to 65535, not "80a".\n')
  })

  test.each([
    [{ DEMO_CLUSTERS: 'unreal' }, 'DEMO_CLUSTERS must be demo or real, not "unreal".\n'],
    [
      { DEMO_CLUSTERS: 'real' },
      'DEMO_CLUSTERS=real needs the programs of a control plane: set KUBEBUILDER_ASSETS, with export KUBEBUILDER_ASSETS="$(.ci/counterparts/kube-assets)".\n',
    ],
    [
      { DEMO_DEPLOYMENTS: 'many' },
      'DEMO_DEPLOYMENTS must be a number from 0 to 20000, not "many".\n',
    ],
    [{ DEMO_GPUS: '10001' }, 'DEMO_GPUS must be a number from 0 to 10000, not "10001".\n'],
  ])('%j is one sentence', async (env, sentence) => {
    const { ended, output } = start(env)
    expect(await ended).toBe(1)
    expect(output).toEqual({ stdout: '', stderr: sentence })
  })

  test('DEMO_DEPLOYMENTS spreads that many over clusters and namespaces, the same every time', async () => {
    const { child, ended, output, says } = start({ DEMO_HUB: 'off', DEMO_DEPLOYMENTS: '60' })
    await says('nobody')
    const credentials = /cp (\S+)\/\*\.kubeconfig/.exec(output.stdout)![1]!
    const kubeconfig = await readFile(join(credentials, 'demo-west.kubeconfig'), 'utf8')
    const hub = createKubeClient(kubeconfig)
    const { items } = await hub.request('GET', '/apis/airunway.ai/v1alpha1/modeldeployments')
    await hub.close()
    expect(items).toHaveLength(3 + 20)
    const names = items.map(({ metadata }: KubeObject) => `${metadata.namespace}/${metadata.name}`)
    expect(names).toContain('ml-team/qwen3-4b-0002')
    expect(new Set(items.map(({ metadata }: KubeObject) => metadata.namespace)).size).toBe(7)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  }, 120_000)

  const assets = process.env['KUBEBUILDER_ASSETS']
  test.skipIf(!assets)(
    'DEMO_CLUSTERS=real runs the same world on real control planes: placed by kube-scheduler, run by kwok',
    async () => {
      const { child, ended, output, says } = start({
        DEMO_HUB: 'off',
        DEMO_CLUSTERS: 'real',
        KUBEBUILDER_ASSETS: assets!,
      })
      await says('nobody')
      const credentials = /cp (\S+)\/\*\.kubeconfig/.exec(output.stdout)![1]!
      const open = async (name: string) =>
        createKubeClient(await readFile(join(credentials, `${name}.kubeconfig`), 'utf8'))
      const west = await open('demo-west')
      const { items } = await west.request('GET', '/apis/airunway.ai/v1alpha1/modeldeployments')
      const phases = items.map(({ metadata, status }: KubeObject) => [metadata.name, status.phase])
      expect(Object.fromEntries(phases)).toEqual({
        'mistral-7b': 'Running',
        'whisper-large-v3': 'Running',
        'llama-3-3-70b': 'Deploying',
      })
      const pods = (await west.request('GET', '/api/v1/pods')).items
      const nodesOf = (name: string) =>
        pods
          .filter((pod: KubeObject) => pod.metadata.name.startsWith(name))
          .map((pod: KubeObject) => pod['spec'].nodeName)
      expect(nodesOf('whisper')[0]).toMatch(/^gpu-t4-/)
      expect(nodesOf('mistral')[0]).toMatch(/^gpu-l40s-/)
      const events = (await west.request('GET', '/api/v1/events')).items
      expect(events).toContainEqual(
        expect.objectContaining({
          reason: 'FailedScheduling',
          message: expect.stringContaining(
            '0/5 nodes are available: 2 node(s) had untolerated taint(s), 3 Insufficient nvidia.com/gpu. no new claims to deallocate, preemption:',
          ),
        }),
      )
      await west.close()
      const legacy = await open('demo-legacy')
      const old = await legacy.request('GET', '/apis/kubeairunway.ai/v1alpha1/modeldeployments')
      for (const { status } of old.items) expect(status.phase).toBe('Running')
      expect(old.items).toHaveLength(2)
      await legacy.close()
      child.kill('SIGTERM')
      expect(await ended).toBe(0)
      expect(output.stderr).toBe('')
      expect(await readdir(folder)).toEqual([])
    },
    150_000,
  )

  test('ended while the world starts, it leaves nothing behind', async () => {
    const { child, ended, says } = start({ DEMO_HUB: 'off' })
    await says('identity provider')
    child.kill('SIGINT')
    expect(await ended).toBe(0)
    expect(await readdir(folder)).toEqual([])
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'DEMO_HUB=off starts the world and says how to run a hub on it; %s ends it without a trace',
    async (signal) => {
      const { child, ended, output, says } = start({ DEMO_HUB: 'off' })
      await says('nobody')
      const variable = (name: string) =>
        new RegExp(`export ${name}='(.*)'`).exec(output.stdout)?.[1]
      const issuer = variable('OIDC_PROVIDER_ISSUER')!
      const discovery = (await (
        await fetch(`${issuer}/.well-known/openid-configuration`)
      ).json()) as {
        issuer: string
      }
      expect(discovery.issuer).toBe(issuer)
      expect(variable('HUB_MODE')).toBe('true')
      expect(JSON.parse(variable('HUB_GRANTS')!)).toHaveLength(5)

      const credentials = /cp (\S+)\/\*\.kubeconfig credentials\//.exec(output.stdout)![1]!
      expect((await readdir(credentials)).toSorted()).toEqual([
        'demo-east.kubeconfig',
        'demo-legacy.kubeconfig',
        'demo-lost.kubeconfig',
        'demo-west.kubeconfig',
      ])
      const open = async (name: string) =>
        createKubeClient(await readFile(join(credentials, `${name}.kubeconfig`), 'utf8'))
      const phases = async (name: string, group: string) => {
        const hub = await open(name)
        const { items } = await hub.request('GET', `/apis/${group}/v1alpha1/modeldeployments`)
        await hub.close()
        return items.map((item: KubeObject) => item['status'].phase)
      }
      expect(await phases('demo-east', 'airunway.ai')).toEqual(['Running', 'Running', 'Running'])
      expect(await phases('demo-legacy', 'kubeairunway.ai')).toEqual(['Running', 'Running'])
      expect((await phases('demo-west', 'airunway.ai')).toSorted()).toEqual([
        'Deploying',
        'Running',
        'Running',
      ])
      const lost = await open('demo-lost')
      await expect(lost.raw('GET', '/version')).rejects.toThrow(/ECONNREFUSED/)
      await lost.close()

      child.kill(signal)
      expect(await ended).toBe(0)
      expect(output.stderr).toBe('')
      expect(await readdir(folder)).toEqual([])
      await expect(fetch(issuer)).rejects.toThrow('fetch failed')
    },
    30_000,
  )
})
