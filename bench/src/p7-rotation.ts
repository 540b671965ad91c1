import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { median, percentile, round, type Benchmark } from './benchmark.ts'
import { readCpuMs } from './cpu.ts'
import { holdToShare } from './hold-to-share.ts'
import { startHub, waitUntil, type Hub } from './hub.ts'
import { startRotationCluster } from './rotation.ts'

const instances = 200
const swaps = Number(process.env['BENCH_SWAPS'] ?? 120)
const swapEveryMs = 1_000
const loadEveryMs = 20
const inFlightMax = 32
const goalMs = 2_000
/** After the last swap, however slow the machine. */
const answerWithinMs = 30_000

/** As a mounted secret is replaced: a new folder, and one rename that makes `..data` point to it. */
export const rotation: Benchmark = {
  id: 'P7',
  async run(world) {
    const cluster = await startRotationCluster(world)
    const hub = await startHub(world, { grants: [] })
    await writeVersion(hub.credentials, 0, cluster.kubeconfig)
    for (let index = 0; index < instances; index += 1) {
      const file = `cluster-${index}.kubeconfig`
      await symlink(join('..data', file), join(hub.credentials, file))
    }
    const cookie = await hub.signIn('admin')
    const headers = { cookie }
    await waitUntil('every instance is ready', 240, async () => {
      const response = await fetch(`${hub.origin}/api/instances`, { headers })
      const { items } = (await response.json()) as { items: { status: { state: string } }[] }
      return items.length === instances && items.every(({ status }) => status.state === 'ready')
    })
    const share = Number(process.env['BENCH_SHARE'] ?? 1)
    world.say(
      `${instances} instances are ready; ${swaps} swaps, one a second, on ${share} of a core`,
    )
    holdToShare(world, hub.pid, share)
    const cpuBefore = await readCpuMs(hub.pid)

    const load = startLoad(hub, cookie)
    const swappedAt: number[] = []
    const descriptors: number[] = []
    for (let version = 1; version <= swaps; version += 1) {
      const startedAt = Date.now()
      await writeVersion(hub.credentials, version, cluster.kubeconfig)
      swappedAt[version] = Date.now()
      descriptors.push((await readdir(`/proc/${hub.pid}/fd`)).length)
      await delay(Math.max(0, swapEveryMs - (Date.now() - startedAt)))
    }
    const cpuMs = (await readCpuMs(hub.pid)) - cpuBefore
    await delay(goalMs + 1_000)
    const { failed, failures, requests } = await load.stop()
    const delays = measureDelays(await cluster.firstUses(), swappedAt)
    const p99 = percentile(delays.seen, 0.99)
    const [early, late] = [descriptors.slice(10, 40), descriptors.slice(-30)].map(median)
    const growth = late! / early! - 1
    world.say(
      `${requests} requests, ${failed} failed ${JSON.stringify(failures)}; CPU ${(cpuMs / swaps).toFixed(0)} ms per swap; file descriptors ${early} early, ${late} late; ${delays.missed} credentials never replaced in time`,
    )
    return {
      bench: 'P7',
      what: `${instances} credentials replaced by a ..data swap once a second for ${swaps} s under load: p99 until that version or a later one is in use; ${failed} of ${requests} requests failed; hub's CPU ${round(cpuMs / swaps)} ms a swap; file descriptors ${early} → ${late}`,
      peer: 'none: an absolute bound',
      unit: 'ms',
      value: round(p99),
      range: [round(Math.min(...delays.seen)), round(Math.max(...delays.seen))],
      goal: `p99 ≤ ${goalMs} ms, 0 failed requests, flat file descriptors`,
      holds: p99 <= goalMs && delays.missed === 0 && failed === 0 && growth < 0.1,
    }
  },
}

async function writeVersion(
  directory: string,
  version: number,
  kubeconfig: (version: number, instance: number) => string,
): Promise<void> {
  const folder = `..version-${version}`
  await mkdir(join(directory, folder))
  await Promise.all(
    Array.from({ length: instances }, (_, index) =>
      writeFile(join(directory, folder, `cluster-${index}.kubeconfig`), kubeconfig(version, index)),
    ),
  )
  await symlink(folder, join(directory, '..data_tmp'))
  await rename(join(directory, '..data_tmp'), join(directory, '..data'))
  if (version > 0) {
    await rm(join(directory, `..version-${version - 1}`), { recursive: true, force: true })
  }
}

/** Dry runs reach the cluster, each on another instance. */
function startLoad(hub: Hub, cookie: string) {
  let requests = 0
  let failed = 0
  const failures: Record<string, number> = {}
  const fail = (what: string) => {
    failed += 1
    failures[what] = (failures[what] ?? 0) + 1
  }
  const pending = new Set<Promise<void>>()
  const timer = setInterval(() => {
    // Who asks more than the machine can answer measures how that fails, whatever it does with credentials.
    if (pending.size >= inFlightMax) return
    const instance = `cluster-${requests % instances}`
    requests += 1
    const ask = fetch(
      `${hub.origin}/api/instances/${instance}/namespaces/team/deployments?dryRun=All`,
      {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
        body: JSON.stringify({ name: 'probe', spec: { model: { id: 'a/b' } } }),
      },
    )
      .then(async (response) => {
        const text = await response.text()
        if (response.status === 200) return
        const { code, detail } = JSON.parse(text) as { code: string; detail: string }
        fail(`${response.status} ${code} ${detail.replaceAll(/cluster-\d+/g, '…')}`)
      })
      .catch((error: Error) =>
        fail(error.cause instanceof Error ? error.cause.message : error.message),
      )
      .finally(() => pending.delete(ask))
    pending.add(ask)
  }, loadEveryMs)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.race([Promise.all(pending), delay(answerWithinMs)])
      for (const _ of pending) fail('unanswered')
      return { requests, failed, failures }
    },
  }
}

function measureDelays(
  firstUses: Record<string, number>,
  swappedAt: readonly number[],
): { seen: number[]; missed: number } {
  const seen: number[] = []
  let missed = 0
  for (let instance = 0; instance < instances; instance += 1) {
    let next = Number.POSITIVE_INFINITY
    for (let version = swappedAt.length - 1; version >= 1; version -= 1) {
      next = Math.min(next, firstUses[`v${version}-${instance}`] ?? next)
      if (Number.isFinite(next)) seen.push(Math.max(0, next - swappedAt[version]!))
      else missed += 1
    }
  }
  return { seen, missed }
}
