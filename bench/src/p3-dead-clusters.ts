import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { percentile, round, summarize, type Benchmark } from './benchmark.ts'
import { startClusterFarm } from './cluster-farm.ts'
import { renderSlowCredential, startHostileCluster } from './hostile-clusters.ts'
import { startHub, waitUntil, type Hub } from './hub.ts'
import { runLoad } from './load.ts'

const clusters = 50
const deployments = 20
const deadCounts = [0, 5, 25]
const slowCluster = 49
const healthy = Array.from({ length: 24 }, (_, index) => index)
const rounds = 5
const seconds = 2
const connections = 4
const slowCredentialEveryMs = 4_000

/**
 * Clusters 0–23 stay healthy; 24–48 die; 49 takes ten seconds for every answer. Then one lists without end, one tells changes
 * without end, and a credential takes long to read.
 */
export const deadClusters: Benchmark = {
  id: 'P3',
  async run(world) {
    const farm = await startClusterFarm(world, { clusters, deployments, namespaces: 4 })
    const grants = [{ principal: 'oidc:viewer', role: 'viewer' }]
    const credentials = (indexes: readonly number[]) =>
      Object.fromEntries(indexes.map((index) => [`cluster-${index}`, farm.kubeconfigs[index]!]))
    const all = Array.from({ length: clusters }, (_, index) => index)
    await farm.setFault(slowCluster, { kind: 'slow', delayMs: 10_000 })
    const hub = await startHub(world, { grants, credentials: credentials(all) })
    const control = await startHub(world, { grants, credentials: credentials(healthy) })
    const cookies = new Map<Hub, string>()
    for (const each of [hub, control]) {
      const cookie = await each.signIn('viewer')
      cookies.set(each, cookie)
      await waitUntil('the hub knows the healthy clusters', 60, async () => {
        const counts = await Promise.all(healthy.map((index) => countRows(each, cookie, index)))
        return counts.every((count) => count === deployments)
      })
    }
    const paths = healthy.map((index) => `/api/deployments?instance=cluster-${index}&limit=50`)
    const measure = async (each: Hub) => {
      const headers = { cookie: cookies.get(each)!, 'accept-encoding': 'identity' }
      const result = await runLoad({
        origin: each.origin,
        paths,
        headers,
        connections,
        seconds,
        keepsLatencies: true,
      })
      if (result.errors > 0) throw new Error('Some pages of healthy clusters failed.')
      return percentile(result.latenciesMs, 0.99)
    }
    await measure(hub)
    await measure(control)

    const found: { neighbours: string; ratios: number[]; spread: number[] }[] = []
    const compare = async (neighbours: string) => {
      const ratios: number[] = []
      const controls: number[] = []
      for (let index = 1; index <= rounds; index += 1) {
        const [first, second] = index % 2 === 0 ? [hub, control] : [control, hub]
        const p99s = new Map([[first, await measure(first)]])
        p99s.set(second, await measure(second))
        ratios.push(p99s.get(hub)! / p99s.get(control)!)
        controls.push(p99s.get(control)!)
      }
      const spread = controls.slice(1).map((p99, index) => p99 / controls[index]!)
      const summary = summarize(ratios)
      const controlMs = summarize(controls)
      world.say(
        `${neighbours}: p99 of healthy pages ${summary.value}× the control's ${controlMs.value} ms (${summary.range.join('–')}); the control against itself ${summarize(spread).range.join('–')}; ${(await hub.residentMiB()).toFixed(0)} MiB resident`,
      )
      found.push({ neighbours, ratios, spread })
    }
    let killed = 0
    for (const dead of deadCounts) {
      for (; killed < dead; killed += 1) {
        await farm.setFault(healthy.length + killed, { kind: 'black-hole' })
      }
      await delay(3_000)
      await compare(`${dead} of ${clusters} dead`)
    }
    for (const kind of ['endless-list', 'endless-watch'] as const) {
      const kubeconfig = await startHostileCluster(world, kind)
      await writeFile(join(hub.credentials, `${kind}.kubeconfig`), kubeconfig, { mode: 0o600 })
      await delay(3_000)
      await compare(`${killed} dead and an ${kind.replace('-', ' ')}`)
    }
    let number = 0
    const writeSlow = () =>
      writeFile(join(hub.credentials, 'slow.kubeconfig'), renderSlowCredential((number += 1)))
    await writeSlow()
    const rewriting = setInterval(() => void writeSlow(), slowCredentialEveryMs)
    world.defer(() => clearInterval(rewriting))
    await delay(3_000)
    await compare('all of these and a credential that is slow to read')
    clearInterval(rewriting)

    const fresh = await startHub(world, { grants, credentials: credentials(all) })
    const cookie = await fresh.signIn('viewer')
    const askedAt = performance.now()
    await waitUntil('a first row', 10, async () => {
      const counts = await Promise.all(
        healthy.slice(0, 1).map((index) => countRows(fresh, cookie, index)),
      )
      return counts[0]! > 0
    })
    const firstRowMs = performance.now() - askedAt
    world.say(`first useful row ${firstRowMs.toFixed(0)} ms after the first page was asked for`)

    const { neighbours, ratios, spread } = found.toSorted(
      (a, b) => summarize(b.ratios).value - summarize(a.ratios).value,
    )[0]!
    const { range, value } = summarize(ratios)
    return {
      bench: 'P3',
      what: `p99 of healthy clusters' pages of ${clusters} clusters with one 10 s slow (the worst of ${found.length}: ${neighbours}); first row after ${round(firstRowMs)} ms; control against itself ${summarize(spread).range.join('–')}`,
      peer: 'a hub with the healthy clusters alone, in the same rounds',
      unit: 'ratio of p99',
      value,
      range,
      goal: '< 1.10, first row < 300 ms',
      holds: value < 1.1 && firstRowMs < 300,
    }
  },
}

async function countRows(hub: Hub, cookie: string, cluster: number): Promise<number> {
  const response = await fetch(`${hub.origin}/api/deployments?instance=cluster-${cluster}`, {
    headers: { cookie },
  })
  return ((await response.json()) as { items?: unknown[] }).items?.length ?? 0
}
