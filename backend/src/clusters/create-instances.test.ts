import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { answerAsCluster } from '../../test/answer-as-cluster.ts'
import { useTestDirectory } from '../../test/credentials-directory.ts'
import { startTestServer } from '../../test/https-server.ts'
import { nowhere, renderKubeconfig } from '../../test/kubeconfigs.ts'
import type { InstancesChange } from './cluster-instance.ts'
import type { Instances, InstancesOptions } from './create-instances.ts'

// Real sockets, files and clusters on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }
const directory = useTestDirectory()
const { defer, start, write } = directory

describe('the credentials directory', () => {
  it('registers what is there at start, whether or not the clusters answer', async () => {
    const silent = await startTestServer(() => {})
    defer(silent.stop)
    write('prod-east.kubeconfig', renderKubeconfig(silent.credential))
    write('prod-west.kubeconfig')
    const instances = await start()
    expect(ids(instances)).toEqual(['prod-east', 'prod-west'])
    expect(instances.find('prod-east')?.status).toMatchObject({ state: 'connecting', reason: null })
    expect(instances.find('prod-north')).toBeNull()
  })

  it('notices a new, a changed and a deleted file within 2 s', async () => {
    const instances = await start()
    write('a.kubeconfig')
    await expect.poll(() => ids(instances), soon).toEqual(['a'])
    const before = instances.find('a')!.transport
    write('a.kubeconfig', renderKubeconfig(nowhere('another')))
    await expect.poll(() => instances.find('a')!.transport !== before, soon).toBe(true)
    unlinkSync(join(directory.path, 'a.kubeconfig'))
    await expect.poll(() => ids(instances), soon).toEqual([])
  })

  it('does not reconnect when a file is touched or written anew as it was', async () => {
    write('a.kubeconfig')
    const instances = await start()
    const before = instances.find('a')!.transport
    utimesSync(join(directory.path, 'a.kubeconfig'), 1, 1)
    write('a.kubeconfig')
    write('b.kubeconfig')
    await expect.poll(() => ids(instances), soon).toEqual(['a', 'b'])
    expect(instances.find('a')!.transport).toBe(before)
  })

  it('serves with the last good credential until a valid one replaces a half-written one', async () => {
    write('a.kubeconfig')
    const instances = await start()
    const before = instances.find('a')!.transport
    const next = renderKubeconfig(nowhere('another'))
    write('a.kubeconfig', next.slice(0, 80))
    await expect.poll(() => instances.rejected().length, soon).toBe(1)
    expect(instances.find('a')!.transport).toBe(before)
    write('a.kubeconfig', '')
    await expect.poll(() => instances.rejected()[0]?.reason, soon).toBe('The file is empty.')
    expect(instances.find('a')!.transport).toBe(before)
    write('a.kubeconfig', next)
    await expect.poll(() => instances.find('a')!.transport !== before, soon).toBe(true)
    expect(instances.rejected()).toEqual([])
  })

  it('clears a rejection when the good content comes back, without reconnecting', async () => {
    write('a.kubeconfig')
    const instances = await start()
    const before = instances.find('a')!.transport
    write('a.kubeconfig', 'nonsense')
    await expect.poll(() => instances.rejected().length, soon).toBe(1)
    write('a.kubeconfig')
    await expect.poll(() => instances.rejected().length, soon).toBe(0)
    expect(instances.find('a')!.transport).toBe(before)
  })

  it('lists a rejected file with reason, fix and time, and no instance', async () => {
    write('a.kubeconfig', 'nonsense')
    const instances = await start()
    expect(instances.list()).toEqual([])
    expect(instances.rejected()).toEqual([
      {
        file: 'a.kubeconfig',
        reason: 'The file is not a kubeconfig: it holds no mapping.',
        fix: expect.stringMatching(/\.$/) as string,
        since: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      },
    ])
    unlinkSync(join(directory.path, 'a.kubeconfig'))
    await expect.poll(() => instances.rejected(), soon).toEqual([])
  })

  it('rejects names that are no DNS label and ignores other files', async () => {
    for (const name of [
      'Prod.kubeconfig',
      'a_b.kubeconfig',
      '-a.kubeconfig',
      `${'a'.repeat(64)}.kubeconfig`,
      'a.b.kubeconfig',
    ]) {
      write(name)
    }
    for (const name of [
      'README.md',
      '.hidden.kubeconfig',
      'a.yaml',
      'a.kubeconfig.bak',
      '.gitignore',
    ]) {
      write(name)
    }
    const instances = await start()
    expect(instances.list()).toEqual([])
    expect(instances.rejected()).toHaveLength(5)
    for (const { fix, reason } of instances.rejected()) {
      expect(reason).toMatch(/cannot be the name of an instance/)
      expect(fix).toMatch(/lower-case letters, digits or hyphens/)
    }
  })

  it('follows the link swap of a mounted secret', async () => {
    mkdirSync(join(directory.path, '..1'))
    writeFileSync(join(directory.path, '..1', 'a.kubeconfig'), renderKubeconfig(nowhere('one')))
    symlinkSync('..1', join(directory.path, '..data'))
    symlinkSync('..data/a.kubeconfig', join(directory.path, 'a.kubeconfig'))
    const instances = await start()
    const seen = record(instances)
    expect(ids(instances)).toEqual(['a'])
    const before = instances.find('a')!.transport
    mkdirSync(join(directory.path, '..2'))
    writeFileSync(join(directory.path, '..2', 'a.kubeconfig'), renderKubeconfig(nowhere('two')))
    symlinkSync('..2', join(directory.path, '..data_tmp'))
    renameSync(join(directory.path, '..data_tmp'), join(directory.path, '..data'))
    rmSync(join(directory.path, '..1'), { recursive: true })
    await expect.poll(() => instances.find('a')!.transport !== before, soon).toBe(true)
    expect(seen.filter(({ type }) => type === 'remove')).toEqual([])
  })

  it('takes a file that is deleted and written anew for a change', async () => {
    write('a.kubeconfig')
    const instances = await start()
    const seen = record(instances)
    const before = instances.find('a')!.transport
    unlinkSync(join(directory.path, 'a.kubeconfig'))
    await new Promise((resolve) => setTimeout(resolve, 200))
    write('a.kubeconfig', renderKubeconfig(nowhere('another')))
    await expect.poll(() => instances.find('a')?.transport !== before, soon).toBe(true)
    expect(seen.filter(({ type }) => type === 'remove')).toEqual([])
  })

  it('starts without the directory, says so, and notices when it appears', async () => {
    rmSync(directory.path, { recursive: true })
    const instances = await start()
    expect(instances.problem()).toMatch(
      /does not exist\. Create it, or correct CREDENTIALS_PATH\.$/,
    )
    mkdirSync(directory.path)
    write('a.kubeconfig')
    await expect.poll(() => ids(instances), soon).toEqual(['a'])
    expect(instances.problem()).toBeNull()
    rmSync(directory.path, { recursive: true })
    await expect.poll(() => ids(instances), soon).toEqual([])
  })

  it('rejects what is no readable file, and does not wait for it', async () => {
    mkdirSync(join(directory.path, 'folder.kubeconfig'))
    symlinkSync('nowhere', join(directory.path, 'dangling.kubeconfig'))
    execFileSync('mkfifo', [join(directory.path, 'pipe.kubeconfig')])
    write('large.kubeconfig', 'x'.repeat(1024 * 1024 + 1))
    write('good.kubeconfig')
    // Root may read everything.
    const isRoot = process.getuid?.() === 0
    if (!isRoot) {
      write('secret.kubeconfig')
      chmodSync(join(directory.path, 'secret.kubeconfig'), 0)
    }
    const instances = await start()
    expect(ids(instances)).toEqual(['good'])
    expect(instances.rejected().map(({ file, reason }) => [file, reason])).toEqual([
      ['dangling.kubeconfig', 'The file cannot be read.'],
      ['folder.kubeconfig', 'The file cannot be read.'],
      ['large.kubeconfig', 'The file is larger than 1 MiB.'],
      ['pipe.kubeconfig', 'The file cannot be read.'],
      ...(isRoot ? [] : [['secret.kubeconfig', 'The file cannot be read.']]),
    ])
  })

  it('runs, opens and dials nothing that a hostile file names', async () => {
    const traces = join(directory.parent, 'traces')
    mkdirSync(traces)
    writeFileSync(join(traces, 'run.sh'), `#!/bin/sh\ntouch "${traces}/ran"\n`, { mode: 0o755 })
    execFileSync('mkfifo', [join(traces, 'pipe')])
    let dialled = 0
    const listener = createServer((socket) => {
      dialled += 1
      socket.destroy()
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    defer(() => listener.close())
    const fixtures = new URL('../../test/fixtures/kubeconfigs/', import.meta.url)
    const names = readdirSync(fixtures).filter((name) => name !== 'README.md')
    for (const name of names) {
      const text = readFileSync(new URL(name, fixtures), 'utf8')
        .replaceAll('__DIR__', traces)
        .replaceAll('__PORT__', String((listener.address() as AddressInfo).port))
      write(`${name.replaceAll('.', '-')}.kubeconfig`, text)
    }
    const instances = await start()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(instances.list()).toEqual([])
    expect(instances.rejected()).toHaveLength(names.length)
    expect(existsSync(join(traces, 'ran'))).toBe(false)
    expect(dialled).toBe(0)
  })
})

describe('the health of an instance', () => {
  it('is ready with version, API group and uid', async () => {
    const instances = await startWith(answerAsCluster({ group: 'airunway.ai' }))
    await expect.poll(() => instances.find('a')?.status.state, soon).toBe('ready')
    expect(instances.find('a')).toMatchObject({
      kubernetesVersion: 'v1.36.3',
      apiGroup: 'airunway.ai',
      clusterUid: 'uid-1',
      status: { reason: null, lastSeenAt: expect.any(String) as string },
    })
  })

  it('finds the older API group', async () => {
    const instances = await startWith(answerAsCluster({ group: 'kubeairunway.ai' }))
    await expect.poll(() => instances.find('a')?.apiGroup, soon).toBe('kubeairunway.ai')
  })

  it('is no-crd where AI Runway is not installed, and ready once it is', async () => {
    const state = { group: null as string | null }
    const instances = await startWith(answerAsCluster(state), { probeIntervalMs: 100 })
    await expect.poll(() => instances.find('a')?.status.state, soon).toBe('no-crd')
    expect(instances.find('a')?.status.reason).toMatch(/Install AI Runway there/)
    state.group = 'airunway.ai'
    await expect.poll(() => instances.find('a')?.status.state, { timeout: 20_000 }).toBe('ready')
  })

  it.each([
    [401, 'unauthorized', /refused the hub's credential/],
    [403, 'degraded', /does not let the hub's credential/],
    [503, 'degraded', /failed/],
  ])('on HTTP %i it is %s', async (status, state, reason) => {
    const instances = await startWith((_, response) => void response.writeHead(status).end())
    await expect.poll(() => instances.find('a')?.status.state, soon).toBe(state)
    expect(instances.find('a')?.status.reason).toMatch(reason)
    expect(instances.find('a')?.status.lastSeenAt).not.toBeNull()
  })

  it('is unreachable with a reason where nobody listens, and never seen', async () => {
    write('a.kubeconfig')
    const instances = await start()
    await expect.poll(() => instances.find('a')?.status.state, soon).toBe('unreachable')
    expect(instances.find('a')?.status).toMatchObject({
      reason: expect.stringMatching(/^Instance "a" refused the connection\./) as string,
      lastSeenAt: null,
    })
  })

  it('of one instance is not delayed by another that never answers', async () => {
    const silent = await startTestServer(() => {})
    defer(silent.stop)
    for (let i = 0; i < 20; i += 1)
      write(`silent-${i}.kubeconfig`, renderKubeconfig(silent.credential))
    const instances = await startWith(answerAsCluster({ group: 'airunway.ai' }), {
      probeTimeoutMs: 1_500,
    })
    await expect
      .poll(() => instances.find('a')?.status.state, { timeout: 20_000, interval: 10 })
      .toBe('ready')
    expect(instances.find('silent-7')?.status.state).toBe('connecting')
    await expect
      .poll(() => instances.find('silent-7')?.status.state, { timeout: 20_000 })
      .toBe('unreachable')
    expect(instances.find('silent-7')?.status.reason).toMatch(/did not answer in time/)
  })

  it('is asked again soon when told so, and keeps what it knew of a cluster that is gone', async () => {
    const server = await startTestServer(answerAsCluster({ group: 'airunway.ai' }))
    write('a.kubeconfig', renderKubeconfig(server.credential))
    const instances = await start()
    await expect.poll(() => instances.find('a')?.status.state, soon).toBe('ready')
    const { lastSeenAt } = instances.find('a')!.status
    await server.stop()
    instances.probe('a')
    await expect
      .poll(() => instances.find('a')?.status.state, { timeout: 20_000 })
      .toBe('unreachable')
    expect(instances.find('a')).toMatchObject({
      kubernetesVersion: 'v1.36.3',
      apiGroup: 'airunway.ai',
      status: { lastSeenAt },
    })
  })

  it('survives one lost answer', async () => {
    let drop = false
    const answer = answerAsCluster({ group: 'airunway.ai' })
    const instances = await startWith((request, response) => {
      if (drop) {
        drop = false
        response.writeHead(500).end()
      } else answer(request, response)
    })
    await expect.poll(() => instances.find('a')?.status.state, soon).toBe('ready')
    const seen = record(instances)
    drop = true
    instances.probe('a')
    await expect.poll(() => seen.length, { timeout: 20_000 }).toBeGreaterThan(0)
    expect(drop).toBe(false)
    expect(seen).toMatchObject([{ type: 'upsert', instance: { status: { state: 'ready' } } }])
  })

  it('is asked at once with a new credential', async () => {
    const server = await startTestServer((request, response) => {
      if (request.headers.authorization === 'Bearer good')
        answerAsCluster({ group: 'airunway.ai' })(request, response)
      else response.writeHead(401).end()
    })
    defer(server.stop)
    write('a.kubeconfig', renderKubeconfig({ ...server.credential, token: 'bad' }))
    const instances = await start()
    await expect.poll(() => instances.find('a')?.status.state, soon).toBe('unauthorized')
    write('a.kubeconfig', renderKubeconfig({ ...server.credential, token: 'good' }))
    await expect.poll(() => instances.find('a')?.status.state, soon).toBe('ready')
  })
})

/** With one instance `a` that this server is the cluster of. */
async function startWith(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  options: Partial<InstancesOptions> = {},
): Promise<Instances> {
  const server = await startTestServer(handle)
  defer(server.stop)
  write('a.kubeconfig', renderKubeconfig(server.credential))
  return start(options)
}

function ids(instances: Instances): string[] {
  return instances.list().map(({ id }) => id)
}

function record(instances: Instances): InstancesChange[] {
  const seen: InstancesChange[] = []
  defer(instances.onChange((change) => seen.push(change)))
  return seen
}
