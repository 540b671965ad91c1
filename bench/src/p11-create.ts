import { join } from 'node:path'
import { copyFile, writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { Pool } from 'undici'
import { createKubeClient, startControlPlane } from '@hub/demo'
import { median, percentile, round, summarize, type Benchmark } from './benchmark.ts'
import { deploymentsPath, fill, manifest } from './clusters.ts'
import { startHub, waitUntil } from './hub.ts'

const rounds = 5
const each = 60
const goals = { medianMs: 3, p95Ms: 8 }
const namespace = 'team-0'

/** Creating a deployment through the hub, against the same POST with two rows written beside it. */
export const create: Benchmark = {
  id: 'P11',
  async run(world) {
    const cluster = await startControlPlane({ assets: world.assets })
    world.defer(cluster.stop)
    await fill(cluster, [namespace], 1)
    const kubeconfig = join(world.folder, 'kubeconfig')
    await writeFile(kubeconfig, cluster.kubeconfig('client-certificate'), { mode: 0o600 })
    const hub = await startHub(world, {
      people: ['deployer'],
      grants: [{ principal: 'oidc:deployer', role: 'deployer' }],
    })
    await copyFile(kubeconfig, join(hub.credentials, 'real.kubeconfig'))
    const cookie = await hub.signIn('deployer')
    const collection = `${hub.origin}/api/instances/real/namespaces/${namespace}/deployments`
    await waitUntil('the hub knows the cluster', 20, async () => {
      return (await fetch(`${collection}/model-0`, { headers: { cookie } })).status === 200
    })
    const client = createKubeClient(cluster.kubeconfig('client-certificate'))
    world.defer(() => client.close())
    const insert = openRows(join(world.folder, 'peer.db'), world.defer)

    // As the peer's client: what a client costs is not the hub's.
    const callers = new Pool(hub.origin, { connections: 1 })
    world.defer(() => callers.close())
    const throughHub = async (name: string) => {
      const { metadata: _, spec } = manifest(namespace, name)
      const { body, statusCode } = await callers.request({
        method: 'POST',
        path: new URL(collection).pathname,
        headers: { cookie, 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
        body: JSON.stringify({ name, spec }),
      })
      const text = await body.text()
      if (statusCode !== 201) throw new Error(`The hub answered ${statusCode}: ${text}`)
    }
    const directly = async (name: string) => {
      insert({ name, outcome: 'attempt' })
      await client.request('POST', deploymentsPath(namespace), {
        body: manifest(namespace, name),
      })
      insert({ name, outcome: 'success' })
    }
    let made = 0
    const time = async (run: (name: string) => Promise<void>) => {
      const name = `made-${(made += 1)}`
      const startedAt = performance.now()
      await run(name)
      const ms = performance.now() - startedAt
      await client.request('DELETE', `${deploymentsPath(namespace)}/${name}`)
      return ms
    }
    for (let index = 0; index < 20; index += 1) {
      await time(throughHub)
      await time(directly)
    }
    const medians: number[] = []
    const p95s: number[] = []
    for (let index = 1; index <= rounds; index += 1) {
      const ours: number[] = []
      const theirs: number[] = []
      for (let turn = 0; turn < each; turn += 1) {
        ours.push(await time(throughHub))
        theirs.push(await time(directly))
      }
      medians.push(median(ours) - median(theirs))
      p95s.push(percentile(ours, 0.95) - percentile(theirs, 0.95))
      world.say(
        `round ${index}: hub median ${median(ours).toFixed(1)} ms, p95 ${percentile(ours, 0.95).toFixed(1)}; directly ${median(theirs).toFixed(1)} ms, p95 ${percentile(theirs, 0.95).toFixed(1)}`,
      )
    }
    const p95 = summarize(p95s)
    const middle = summarize(medians)
    return {
      bench: 'P11',
      what: `create a deployment through the hub, ${rounds} × ${each} in turn with the peer; p95 ${round(p95.value)} ms more (${p95.range.join('–')})`,
      peer: 'a POST to the same API server and two rows in a SQLite file of the same settings',
      unit: 'ms more in the median',
      ...middle,
      goal: `≤ ${goals.medianMs} ms, p95 ≤ ${goals.p95Ms} ms`,
      holds: middle.value <= goals.medianMs && p95.value <= goals.p95Ms,
    }
  },
}

/** Rows as durable as the hub's own. */
function openRows(
  file: string,
  defer: (undo: () => unknown) => void,
): (row: Record<string, string>) => void {
  const database = new DatabaseSync(file)
  defer(() => database.close())
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  database.exec('CREATE TABLE rows (seq INTEGER PRIMARY KEY, at INTEGER, row TEXT)')
  const statement = database.prepare('INSERT INTO rows (at, row) VALUES (?, ?)')
  return (row) => void statement.run(Date.now(), JSON.stringify(row))
}
