import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startControlPlane } from '@hub/demo'
import { DeploymentList } from '@hub/shared'
import { summarize, type Benchmark } from './benchmark.ts'
import { deploymentsPath, fill } from './clusters.ts'
import { startHub, waitUntil } from './hub.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { runLoad } from './load.ts'

const rounds = 5
const seconds = 3
const connections = 16
const namespaces = Array.from({ length: 20 }, (_, index) => `team-${index}`)
const sizes = [200, 2_000]

export const listScoped: Benchmark = {
  id: 'P2',
  async run(world) {
    const perSize: { size: number; ratios: number[]; overhead: number }[] = []
    for (const size of sizes) {
      const cluster = await startControlPlane({ assets: world.assets })
      world.defer(cluster.stop)
      await fill(cluster, namespaces, size)
      const hub = await startHub(world, {
        grants: [{ principal: 'oidc:viewer', role: 'viewer', namespaces: ['team-7'] }],
      })
      const kubeconfig = cluster.kubeconfig('client-certificate')
      await writeFile(join(hub.credentials, 'real.kubeconfig'), kubeconfig)
      const cookie = await hub.signIn('viewer')
      const path = '/api/deployments?limit=500'
      const headers = { cookie, accept: 'application/json', 'accept-encoding': 'identity' }
      const read = async () => {
        const text = await (await fetch(`${hub.origin}${path}`, { headers })).text()
        return { text, list: DeploymentList.parse(JSON.parse(text)) }
      }
      await waitUntil('the hub knows all deployments', 30, async () => {
        const { list } = await read()
        return list.items.length === size / namespaces.length && list.partial.length === 0
      })
      const { list, text } = await read()
      const foreign = list.items.filter(({ namespace }) => namespace !== 'team-7')
      if (foreign.length > 0) throw new Error(`${foreign.length} foreign items in the list.`)
      const own = list.items.reduce((sum, item) => sum + JSON.stringify(item).length, 0)
      const overhead = text.length / own - 1

      const direct = {
        origin: cluster.url,
        paths: [deploymentsPath('team-7')],
        tls: readKubeconfig(kubeconfig),
        connections,
      }
      const throughHub = { origin: hub.origin, paths: [path], headers, connections }
      await runLoad({ ...throughHub, seconds: 1 })
      await runLoad({ ...direct, seconds: 1 })
      const ratios: number[] = []
      for (let index = 1; index <= rounds; index += 1) {
        const hubResult = await runLoad({ ...throughHub, seconds })
        const directResult = await runLoad({ ...direct, seconds })
        if (hubResult.errors + directResult.errors > 0) throw new Error('Some requests failed.')
        ratios.push(hubResult.requestsPerSecond / directResult.requestsPerSecond)
        world.say(
          `${size} deployments, round ${index}: hub ${hubResult.requestsPerSecond.toFixed(0)}/s, direct LIST ${directResult.requestsPerSecond.toFixed(0)}/s, ratio ${ratios.at(-1)!.toFixed(2)}`,
        )
      }
      world.say(
        `${size} deployments: ${(overhead * 100).toFixed(1)} % bytes beyond the caller's own items, no foreign item`,
      )
      perSize.push({ size, ratios, overhead })
    }
    const worst = perSize.toSorted(
      (a, b) => summarize(a.ratios).value - summarize(b.ratios).value,
    )[0]!
    const { range, value } = summarize(worst.ratios)
    const overhead = Math.max(...perSize.map((entry) => entry.overhead))
    return {
      bench: 'P2',
      what: `LIST as viewer of 1 of 20 namespaces; the worse of ${sizes.join(' and ')} deployments (${worst.size}); bytes +${(overhead * 100).toFixed(1)} %`,
      peer: 'a direct LIST of that namespace from the API server',
      unit: 'ratio of requests/s',
      value,
      range,
      goal: '≥ 5, bytes within 5 %, no foreign item',
      holds: value >= 5 && overhead <= 0.05,
    }
  },
}
