import { setTimeout as delay } from 'node:timers/promises'
import { startBareStream } from './bare-stream.ts'
import { median, percentile, round, summarize, type Benchmark } from './benchmark.ts'
import { startClusterFarm } from './cluster-farm.ts'
import { startHub, waitUntil } from './hub.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { startReaders } from './readers.ts'
import { stall } from './stall.ts'

const clusters = 20
const deployments = 100
const perSecond = 1_000
const readersPerKind = 100
/** Deployments, runtimes, pods, nodes, namespaces, resource slices, quotas and warnings. */
const kinds = 8
const measuredEvery = 10
const streamsPerPerson = 8
const rounds = 5
const seconds = 6
const delayGoalMs = 250
const stalledGrowthMiBMax = 64

/** Half the readers see everything, half one of twenty namespaces. */
export const fanOut: Benchmark = {
  id: 'P4',
  async run(world) {
    const farm = await startClusterFarm(world, { clusters, deployments, namespaces: 20 })
    const people = Array.from(
      { length: Math.ceil(readersPerKind / streamsPerPerson) },
      (_, index) => index,
    )
    const everything = people.map((index) => `all-${index}`)
    const scoped = people.map((index) => `scoped-${index}`)
    const hub = await startHub(world, {
      people: [...everything, ...scoped, 'stalled'],
      grants: [
        ...[...everything, 'stalled'].map((sub) => ({ principal: `oidc:${sub}`, role: 'viewer' })),
        ...scoped.map((sub) => ({
          principal: `oidc:${sub}`,
          role: 'viewer',
          namespaces: ['team-7'],
        })),
      ],
      credentials: Object.fromEntries(
        farm.kubeconfigs.map((kubeconfig, index) => [`cluster-${index}`, kubeconfig]),
      ),
    })
    const cookies = new Map<string, string>()
    for (const sub of [...everything, ...scoped, 'stalled']) cookies.set(sub, await hub.signIn(sub))
    const headers = { cookie: cookies.get('all-0')!, accept: 'application/json' }
    await waitUntil('the hub knows every deployment', 60, async () => {
      const list = (await (
        await fetch(`${hub.origin}/api/deployments?limit=1`, { headers })
      ).json()) as { total: number }
      return list.total === clusters * deployments
    })

    const streams = [everything, scoped].flatMap((subs) =>
      Array.from({ length: readersPerKind }, (_, index) => ({
        url: `${hub.origin}/api/stream`,
        headers: { cookie: cookies.get(subs[Math.floor(index / streamsPerPerson)]!)! },
      })),
    )
    const watchesOfOne = await farm.openWatches()
    const ours = await startReaders(world, { streams, measuredEvery })
    const watchesOfAll = await farm.openWatches()
    const sample = await readOneEvent(hub.origin, cookies.get('stalled')!, () => farm.update(10, 1))
    const bare = await startBareStream(world, sample)
    const theirs = await startReaders(world, {
      streams: ['/all', '/scoped'].flatMap((path) =>
        Array.from({ length: readersPerKind }, () => ({ url: `${bare.origin}${path}` })),
      ),
      measuredEvery,
    })
    // The way from the clusters, which the peer does not have: what a client sees that only watches.
    const watches = await startReaders(world, {
      streams: farm.kubeconfigs.map((kubeconfig) => {
        const { ca, server, token } = readKubeconfig(kubeconfig)
        return {
          url: `${server}/apis/airunway.ai/v1alpha1/modeldeployments?watch=true`,
          headers: { authorization: `Bearer ${token}` },
          ca,
        }
      }),
      measuredEvery: 1,
    })
    world.say(`${2 * readersPerKind} readers on each; one event is ${sample.length} bytes`)
    await farm.update(perSecond, 2)
    await bare.broadcast(perSecond, 2)
    await delay(500)
    await Promise.all([ours.take(), theirs.take(), watches.take()])

    const before = await hub.residentMiB()
    stall(`${hub.origin}/api/stream`, { cookie: cookies.get('stalled')! }, world.defer)
    const ratios: number[] = []
    const hubP99s: number[] = []
    const watchP99s: number[] = []
    const cpuMs: number[] = []
    for (let index = 1; index <= rounds; index += 1) {
      const cpuBefore = await hub.cpuMs()
      const { updates } = await farm.update(perSecond, seconds)
      await delay(400)
      cpuMs.push(((await hub.cpuMs()) - cpuBefore) / updates)
      const hubReadings = await ours.take()
      const watchP99 = percentile((await watches.take()).delaysMs, 0.99)
      await bare.broadcast(perSecond, seconds)
      await delay(400)
      const bareReadings = await theirs.take()
      if (hubReadings.delaysMs.length === 0) throw new Error('No event reached the readers.')
      const hubP99 = percentile(hubReadings.delaysMs, 0.99)
      const bareP99 = Math.max(percentile(bareReadings.delaysMs, 0.99), 1)
      ratios.push(hubP99 / bareP99)
      hubP99s.push(hubP99)
      watchP99s.push(watchP99)
      world.say(
        `round ${index}: hub p99 ${hubP99} ms (${hubReadings.delaysMs.length} events measured, ${hubReadings.open} readers), a bare watch alone ${watchP99} ms; bare server p99 ${bareP99} ms (${bareReadings.delaysMs.length} events); hub's CPU ${cpuMs.at(-1)!.toFixed(3)} ms an event`,
      )
    }
    const growth = (await hub.residentMiB()) - before
    const { range, value } = summarize(ratios)
    const p99 = summarize(hubP99s).value
    return {
      bench: 'P4',
      what: `${perSecond} updates/s over ${clusters} clusters × ${deployments} to ${2 * readersPerKind} readers, half scoped to 1 of 20 namespaces; hub p99 ${round(p99)} ms, of which a client that only watches the clusters sees ${round(summarize(watchP99s).value)} ms; ${watchesOfAll} upstream watches (${watchesOfOne} before anybody read); hub's CPU ${round(median(cpuMs))} ms an event; with a stalled reader resident memory +${growth.toFixed(0)} MiB`,
      peer: 'a bare Node server that broadcasts the same bytes',
      unit: 'ratio of p99 delays',
      value,
      range,
      goal: `≤ 2, p99 < ${delayGoalMs} ms, upstream watches = clusters × kinds`,
      holds:
        value <= 2 &&
        p99 < delayGoalMs &&
        growth < stalledGrowthMiBMax &&
        watchesOfAll === clusters * kinds,
    }
  },
}

/** One event as the hub sends it, for the peer to send. */
async function readOneEvent(
  origin: string,
  cookie: string,
  cause: () => Promise<unknown>,
): Promise<string> {
  const response = await fetch(`${origin}/api/stream`, { headers: { cookie } })
  const caused = cause()
  let text = ''
  for await (const chunk of response.body!) {
    text += Buffer.from(chunk).toString('utf8')
    const event = /id: [^\n]+\nevent: deployment\ndata: [^\n]+\n\n/.exec(text)?.[0]
    if (!event) continue
    await caused
    return event
  }
  throw new Error('The hub sent no event.')
}
