import { startBareServer } from './bare-server.ts'
import { median, percentile, round, summarize, type Benchmark } from './benchmark.ts'
import { startClusterFarm } from './cluster-farm.ts'
import { startHub, waitUntil } from './hub.ts'
import { runLoad } from './load.ts'

const clusters = 200
const deployments = 200
const rounds = 5
const seconds = 3
const connections = 16
const residentGoalMiB = 600

export const largeFleet: Benchmark = {
  id: 'P8',
  async run(world) {
    world.say(`starting ${clusters} clusters with ${deployments} deployments each …`)
    const farm = await startClusterFarm(world, { clusters, deployments, namespaces: 20 })
    const hub = await startHub(world, {
      grants: [{ principal: 'oidc:viewer', role: 'viewer' }],
      credentials: Object.fromEntries(
        farm.kubeconfigs.map((kubeconfig, index) => [`cluster-${index}`, kubeconfig]),
      ),
    })
    world.say(`the hub listened ${hub.listeningAfterMs.toFixed(0)} ms after its start`)
    const cookie = await hub.signIn('viewer')
    const headers = { cookie, accept: 'application/json', 'accept-encoding': 'identity' }
    const path = '/api/deployments?limit=50'
    await waitUntil('the hub knows every deployment', 90, async () => {
      const list = (await (await fetch(`${hub.origin}${path}`, { headers })).json()) as {
        total: number
      }
      return list.total === clusters * deployments
    })
    const knownCpuMs = await hub.cpuMs()
    world.say(
      `the hub's CPU was ${hub.startCpuMs.toFixed(0)} ms until it was ready, ${knownCpuMs.toFixed(0)} ms until it knew all`,
    )
    const page = await (await fetch(`${hub.origin}${path}`, { headers })).text()
    const peerOrigin = await startBareServer(world, page)

    const ratios: number[] = []
    const latencies: number[] = []
    const cpuMs: number[] = []
    await runLoad({ origin: hub.origin, paths: [path], headers, connections, seconds: 1 })
    for (let index = 1; index <= rounds; index += 1) {
      const cpuBefore = await hub.cpuMs()
      const ours = await runLoad({
        origin: hub.origin,
        paths: [path],
        headers,
        connections,
        seconds,
        keepsLatencies: true,
      })
      cpuMs.push(((await hub.cpuMs()) - cpuBefore) / ours.requests)
      const peer = await runLoad({ origin: peerOrigin, paths: ['/'], connections, seconds })
      if (ours.errors + peer.errors > 0) throw new Error('Some requests failed.')
      ratios.push(ours.requestsPerSecond / peer.requestsPerSecond)
      latencies.push(...ours.latenciesMs)
      world.say(
        `round ${index}: hub ${ours.requestsPerSecond.toFixed(0)}/s, bare server ${peer.requestsPerSecond.toFixed(0)}/s, ratio ${ratios.at(-1)!.toFixed(2)}; hub's CPU ${cpuMs.at(-1)!.toFixed(3)} ms a page`,
      )
    }
    const resident = await hub.residentMiB()
    const p99 = percentile(latencies, 0.99)
    const { range, value } = summarize(ratios)
    world.say(`resident ${resident.toFixed(0)} MiB, page p99 ${p99.toFixed(1)} ms`)
    return {
      bench: 'P8',
      what: `page of 50 of ${clusters} clusters × ${deployments} deployments; RSS ${resident.toFixed(0)} MiB, p99 ${round(p99)} ms, listening after ${hub.listeningAfterMs.toFixed(0)} ms; hub's CPU ${round(median(cpuMs))} ms a page, ${round(hub.startCpuMs)} ms until ready, ${round(knownCpuMs)} ms until all was known`,
      peer: 'a bare Node server that sends the same bytes',
      unit: 'ratio of requests/s',
      value,
      range,
      goal: `≥ 0.5, RSS < ${residentGoalMiB} MB, p99 < 30 ms, listening < 2 s`,
      holds:
        value >= 0.5 &&
        (resident * 1024 * 1024) / 1e6 < residentGoalMiB &&
        p99 < 30 &&
        hub.listeningAfterMs < 2000,
    }
  },
}
