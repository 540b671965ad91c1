import { setTimeout as delay } from 'node:timers/promises'
import { startBareServer } from './bare-server.ts'
import { median, percentile, round, summarize, type Benchmark } from './benchmark.ts'
import { startClusterFarm } from './cluster-farm.ts'
import { startHub, waitUntil } from './hub.ts'
import { runLoad, type LoadResult } from './load.ts'
import { startReaders } from './readers.ts'

const clusters = 200
const deployments = 200
const namespaces = 20
const people = 100
const changesPerSecond = 100
const rounds = 3
const seconds = 6
const goals = { pageMs: 10, searchMs: 50 }

const sorts = ['name', '-name', 'instance', '-instance', 'namespace', 'phase', '-createdAt']
const filters = [
  '',
  '&status=running',
  '&namespace=team-3',
  '&status=attention',
  '&instance=cluster-7',
]

/** A hundred people with rights of their own follow a large fleet that moves, and read a page once a second each. */
export const manyRights: Benchmark = {
  id: 'P15',
  async run(world) {
    world.say(`starting ${clusters} clusters with ${deployments} deployments each …`)
    const farm = await startClusterFarm(world, { clusters, deployments, namespaces })
    const subjects = Array.from({ length: people }, (_, index) => `person-${index}`)
    const hub = await startHub(world, {
      people: subjects,
      grants: [
        { principal: 'oidc:viewer', role: 'viewer' },
        ...subjects.map((sub, index) => ({
          principal: `oidc:${sub}`,
          role: index % 2 === 0 ? 'viewer' : 'deployer',
          // No two see the same.
          namespaces: Array.from({ length: namespaces }, (__, each) => each)
            .filter((each) => each === 7 || ((index + 1) & (1 << (each % 7))) !== 0)
            .map((each) => `team-${each}`),
        })),
      ],
      credentials: Object.fromEntries(
        farm.kubeconfigs.map((kubeconfig, index) => [`cluster-${index}`, kubeconfig]),
      ),
    })
    const all = { cookie: await hub.signIn('viewer'), accept: 'application/json' }
    await waitUntil('the hub knows every deployment', 90, async () => {
      const list = (await (
        await fetch(`${hub.origin}/api/deployments?limit=1`, { headers: all })
      ).json()) as { total: number }
      return list.total === clusters * deployments
    })
    const cookies: string[] = []
    for (const sub of subjects) cookies.push(await hub.signIn(sub))
    const headers = { accept: 'application/json', 'accept-encoding': 'identity' }
    const pages = sorts.flatMap((sort) =>
      filters.map((filter) => `/api/deployments?limit=50&sort=${sort}${filter}`),
    )
    const searches = sorts.map((sort) => `/api/deployments?limit=50&sort=${sort}&q=model-1`)
    const page = await fetch(`${hub.origin}${pages[0]}`, { headers: { ...headers, ...all } })
    const peerOrigin = await startBareServer(world, await page.text())
    const readers = await startReaders(world, {
      streams: cookies.map((cookie) => ({ url: `${hub.origin}/api/stream`, headers: { cookie } })),
      measuredEvery: 10,
    })
    world.say(
      `${people} people with rights of their own follow ${changesPerSecond} changes a second`,
    )

    const load = (origin: string, paths: readonly string[]) =>
      runLoad({
        origin,
        paths,
        headers,
        cookies,
        connections: 32,
        perSecond: people,
        seconds,
        keepsLatencies: true,
      })
    const measure = async (run: () => Promise<unknown>) => {
      const before = await hub.cpuMs()
      await run()
      return (await hub.cpuMs()) - before
    }
    const update = () => farm.update(changesPerSecond, seconds)
    await Promise.all([update(), load(hub.origin, [...pages, ...searches])])
    await readers.take()

    const idle: number[] = []
    const events: number[] = []
    const perPage: number[] = []
    const perSearch: number[] = []
    const ratios: number[] = []
    const latencies: Record<'pages' | 'searches' | 'peer', number[]> = {
      pages: [],
      searches: [],
      peer: [],
    }
    const expectAll = ({ errors, latenciesMs }: LoadResult) => {
      if (errors > 0) throw new Error('Some requests failed.')
      return latenciesMs
    }
    for (let index = 1; index <= rounds; index += 1) {
      idle.push((await measure(() => delay(seconds * 1000))) / seconds)
      const moving = await measure(update)
      events.push((moving - idle.at(-1)! * seconds) / (changesPerSecond * seconds))
      const both = async (paths: readonly string[], to: 'pages' | 'searches') =>
        await measure(async () => {
          const [result] = await Promise.all([load(hub.origin, paths), update()])
          latencies[to].push(...expectAll(result))
        })
      perPage.push(((await both(pages, 'pages')) - moving) / (people * seconds))
      perSearch.push(((await both(searches, 'searches')) - moving) / (people * seconds))
      const peer = expectAll(await load(peerOrigin, ['/']))
      latencies.peer.push(...peer)
      ratios.push(percentile(latencies.pages, 0.99) / percentile(peer, 0.99))
      world.say(
        `round ${index}: hub's CPU ${idle.at(-1)!.toFixed(1)} ms a second at rest, ${events.at(-1)!.toFixed(2)} ms an event to ${people} readers, ${perPage.at(-1)!.toFixed(2)} ms a page, ${perSearch.at(-1)!.toFixed(2)} ms a search; p99 ${percentile(latencies.pages, 0.99).toFixed(1)} ms a page, ${percentile(latencies.searches, 0.99).toFixed(1)} ms a search, ${percentile(peer, 0.99).toFixed(1)} ms the bare server`,
      )
    }
    const { delaysMs } = await readers.take()
    const p99 = percentile(latencies.pages, 0.99)
    const searchP99 = percentile(latencies.searches, 0.99)
    const { range, value } = summarize(ratios)
    return {
      bench: 'P15',
      what: `pages of 50 in every order and of every filter, of ${clusters} × ${deployments} deployments changing ${changesPerSecond} times a second, for ${people} people with rights of their own: p99 ${round(p99)} ms, of a search ${round(searchP99)} ms, of an event ${round(percentile(delaysMs, 0.99))} ms; hub's CPU ${round(median(perPage))} ms a page, ${round(median(perSearch))} ms a search, ${round(median(events))} ms an event to ${people} readers, ${round(median(idle))} ms a second at rest`,
      peer: 'a bare Node server that sends the same bytes',
      unit: 'ratio of p99',
      value,
      range,
      goal: `p99 < ${goals.pageMs} ms, of a search < ${goals.searchMs} ms`,
      holds: p99 < goals.pageMs && searchP99 < goals.searchMs,
    }
  },
}
