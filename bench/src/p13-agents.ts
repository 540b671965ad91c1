import { makeToken } from './api-token.ts'
import { median, round, summarize, type Benchmark } from './benchmark.ts'
import { startClusterFarm } from './cluster-farm.ts'
import { startHub, waitUntil } from './hub.ts'
import { runLoad, type LoadOptions } from './load.ts'

const clusters = 20
const deployments = 100
const rounds = 5
const seconds = 3
const connections = 16
const limit = 20
const goals = { ratio: 0.5, cpu: 2 }

/** What an agent's call costs beside the same page over REST, with the same token. */
export const agents: Benchmark = {
  id: 'P13',
  async run(world) {
    const farm = await startClusterFarm(world, { clusters, deployments, namespaces: 10 })
    const hub = await startHub(world, {
      grants: [{ principal: 'oidc:viewer', role: 'viewer' }],
      credentials: Object.fromEntries(
        farm.kubeconfigs.map((kubeconfig, index) => [`cluster-${index}`, kubeconfig]),
      ),
    })
    const authorization = `Bearer ${await makeToken(hub.origin, await hub.signIn('viewer'))}`
    const headers = { authorization, accept: 'application/json', 'accept-encoding': 'identity' }
    const path = `/api/deployments?limit=${limit}`
    const page = () => fetch(`${hub.origin}${path}`, { headers })
    await waitUntil('the hub knows every deployment', 60, async () => {
      const { total } = (await (await page()).json()) as { total: number }
      return total === clusters * deployments
    })
    const etag = (await page()).headers.get('etag')!
    const mcp = (method: string, params: object): Partial<LoadOptions> => ({
      method: 'POST',
      paths: ['/mcp'],
      headers: {
        ...headers,
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'mcp-protocol-version': '2025-11-25',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const measure = async (options: Partial<LoadOptions>) => {
      const before = await hub.cpuMs()
      const given = { origin: hub.origin, paths: [path], headers, connections, seconds }
      const result = await runLoad({ ...given, ...options })
      if (result.errors > 0) throw new Error(`Some failed: ${JSON.stringify(result.statuses)}.`)
      const cpuMs = ((await hub.cpuMs()) - before) / result.requests
      return { cpuMs, perSecond: result.requestsPerSecond }
    }
    const unchanged = { headers: { ...headers, 'if-none-match': etag }, status: 304 }
    // The whole page, as REST answers it.
    const called = mcp('tools/call', {
      name: 'list_deployments',
      arguments: { limit, fields: ['*'] },
    })
    const listed = mcp('tools/list', {})
    for (const warm of [{}, called, listed, unchanged]) await measure({ ...warm, seconds: 1 })

    const ratios: number[] = []
    const cpuRatios: number[] = []
    for (let index = 1; index <= rounds; index += 1) {
      const rest = await measure({})
      const tool = await measure(called)
      const list = await measure(listed)
      const same = await measure(unchanged)
      ratios.push(tool.perSecond / rest.perSecond)
      cpuRatios.push(list.cpuMs / same.cpuMs)
      world.say(
        `round ${index}: tools/call ${tool.perSecond.toFixed(0)}/s at ${tool.cpuMs.toFixed(2)} ms, the same page over REST ${rest.perSecond.toFixed(0)}/s at ${rest.cpuMs.toFixed(2)} ms, ratio ${ratios.at(-1)!.toFixed(2)}; tools/list ${list.cpuMs.toFixed(2)} ms, a 304 ${same.cpuMs.toFixed(2)} ms, ratio ${cpuRatios.at(-1)!.toFixed(2)}`,
      )
    }
    const { range, value } = summarize(ratios)
    const cpu = median(cpuRatios)
    return {
      bench: 'P13',
      what: `tools/call list_deployments, ${limit} of ${clusters} × ${deployments}; CPU of tools/list ${round(cpu)}× that of a 304`,
      peer: 'the same page over REST with the same token',
      unit: 'ratio of requests/s',
      value,
      range,
      goal: `≥ ${goals.ratio}, CPU of tools/list ≤ ${goals.cpu}× that of a 304`,
      holds: value >= goals.ratio && cpu <= goals.cpu,
    }
  },
}
