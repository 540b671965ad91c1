import { spawn } from 'node:child_process'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startControlPlane } from '@hub/demo'
import { median, round, summarize, type Benchmark } from './benchmark.ts'
import { deploymentsPath, fill } from './clusters.ts'
import { findFreePort, startHub, waitUntil } from './hub.ts'
import { runLoad } from './load.ts'

const rounds = 5
const seconds = 4
const connections = 16

export const getOne: Benchmark = {
  id: 'P1',
  async run(world) {
    const cluster = await startControlPlane({ assets: world.assets })
    world.defer(cluster.stop)
    await fill(cluster, ['team-0'], 1)
    const kubeconfig = join(world.folder, 'kubeconfig')
    await writeFile(kubeconfig, cluster.kubeconfig('client-certificate'))

    const proxyPort = await findFreePort()
    const proxy = spawn(
      join(world.assets, 'kubectl'),
      ['--kubeconfig', kubeconfig, 'proxy', '--address=127.0.0.1', `--port=${proxyPort}`],
      { stdio: 'ignore' },
    )
    world.defer(() => proxy.kill('SIGTERM'))
    const proxyOrigin = `http://127.0.0.1:${proxyPort}`
    const proxyPath = `${deploymentsPath('team-0')}/model-0`

    const hub = await startHub(world, {
      grants: [{ principal: 'oidc:viewer', role: 'viewer' }],
    })
    await copyFile(kubeconfig, join(hub.credentials, 'real.kubeconfig'))
    const cookie = await hub.signIn('viewer')
    const path = '/api/instances/real/namespaces/team-0/deployments/model-0'
    const answers =
      (origin: string, asked: string, headers = {}) =>
      async () =>
        (await fetch(`${origin}${asked}`, { headers })).status === 200
    await waitUntil('kubectl proxy answers', 10, answers(proxyOrigin, proxyPath))
    await waitUntil('the hub knows the deployment', 10, answers(hub.origin, path, { cookie }))

    const ask = {
      hub: { origin: hub.origin, paths: [path], headers: { cookie }, connections },
      proxy: { origin: proxyOrigin, paths: [proxyPath], connections },
    }
    await runLoad({ ...ask.hub, seconds: 2 })
    await runLoad({ ...ask.proxy, seconds: 2 })
    const ratios: number[] = []
    const cpuMs: number[] = []
    for (let index = 1; index <= rounds; index += 1) {
      const cpuBefore = await hub.cpuMs()
      const hubResult = await runLoad({ ...ask.hub, seconds })
      cpuMs.push(((await hub.cpuMs()) - cpuBefore) / hubResult.requests)
      const proxyResult = await runLoad({ ...ask.proxy, seconds })
      if (hubResult.errors + proxyResult.errors > 0) throw new Error('Some requests failed.')
      const ratio = hubResult.requestsPerSecond / proxyResult.requestsPerSecond
      world.say(
        `round ${index}: hub ${hubResult.requestsPerSecond.toFixed(0)}/s, kubectl proxy ${proxyResult.requestsPerSecond.toFixed(0)}/s, ratio ${ratio.toFixed(2)}; hub's CPU ${cpuMs.at(-1)!.toFixed(3)} ms a request`,
      )
      ratios.push(ratio)
    }
    const { range, value } = summarize(ratios)
    return {
      bench: 'P1',
      what: `GET one deployment through the hub, signed in, ${connections} connections; hub's CPU ${round(median(cpuMs))} ms a request`,
      peer: 'kubectl proxy in front of the same API server',
      unit: 'ratio of requests/s',
      value,
      range,
      goal: '≥ 5',
      holds: value >= 5,
    }
  },
}
