import { spawn, type ChildProcess } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { round, summarize, type Benchmark, type World } from './benchmark.ts'
import { readCpuMs } from './cpu.ts'
import { startHub, waitUntil } from './hub.ts'
import { startLogFarm } from './log-farm.ts'
import { stall } from './stall.ts'
import { startWorker } from './worker.ts'

const pods = 50
const readers = 4
const perSecond = 5_000
const seconds = 20
const rounds = 3
const stalledMiBMax = 2
const flatMiB = 24
const path = '/api/instances/prod/namespaces/default/deployments/llama'

type Count = { lines: number; disorder: number; open: number; dropped: number }

/** The logs of a deployment's pods, followed by several people, against `kubectl logs -f` of each pod. */
export const logs: Benchmark = {
  id: 'P10',
  async run(world) {
    const farm = await startLogFarm(world, pods)
    const people = Array.from({ length: readers + 1 }, (_, index) => `reader-${index}`)
    const hub = await startHub(world, {
      people,
      grants: people.map((sub) => ({ principal: `oidc:${sub}`, role: 'viewer' })),
      credentials: { prod: farm.kubeconfig },
    })
    const headers = await Promise.all(
      people.map(async (sub) => ({ cookie: await hub.signIn(sub) })),
    )
    await waitUntil('the hub knows every pod', 60, async () => {
      const answer = await fetch(`${hub.origin}${path}/pods`, { headers: headers[0]! })
      const { items = [] } = (await answer.json()) as { items?: unknown[] | null }
      return items?.length === pods
    })
    const url = `${hub.origin}${path}/logs?follow=true&tail=1`
    const askReaders = startWorker<Count>(world, './log-readers-worker.ts', 'The readers')
    const count = () => askReaders({ type: 'take', streams: [] })
    const streams = headers.slice(0, readers).map((each) => ({ url, headers: each }))
    await askReaders({ type: 'open', streams })
    const kubeconfig = join(world.folder, 'kubeconfig')
    await writeFile(kubeconfig, farm.administrator, { mode: 0o600 })
    const peers = Array.from({ length: pods }, (_, index) =>
      startPeer(world, kubeconfig, `llama-new-${index}`),
    )
    await delay(5_000)
    await farm.write(perSecond, 2)
    await delay(1_000)

    const first = await count()
    const ratios: number[] = []
    // The first round fills the young generation, whose size says nothing of what stays.
    const resident: number[] = []
    for (let index = 1; index <= rounds; index += 1) {
      const [ours, theirs] = [await hub.cpuMs(), await cpuOf(peers)]
      await farm.write(perSecond, seconds)
      await delay(1_000)
      const spent = (await hub.cpuMs()) - ours
      const peerSpent = (await cpuOf(peers)) - theirs
      ratios.push(spent / peerSpent)
      resident.push(await hub.residentMiB())
      world.say(
        `round ${index}: hub ${spent} ms, ${pods} kubectl ${peerSpent} ms of processor time; resident ${resident.at(-1)!.toFixed(0)} MiB`,
      )
    }
    const grown = resident.at(-1)! - resident[0]!
    const expected = readers * perSecond * seconds * rounds
    const { disorder, dropped, lines } = await countUntil(count, first.lines + expected)
    const unread = await hub.residentMiB()
    stall(`${hub.origin}${path}/logs?follow=true`, headers[readers]!, world.defer)
    await farm.write(perSecond, seconds)
    await delay(1_000)
    const stalled = (await hub.residentMiB()) - unread
    const isWhole = lines - first.lines === expected && disorder === 0 && dropped === 0
    const cpu = summarize(ratios)
    return {
      bench: 'P10',
      what: `${pods} pods' logs followed at ${perSecond} lines/s by ${readers} readers, ${rounds} × ${seconds} s; ${lines - first.lines} of ${expected} lines, ${disorder} out of order, ${dropped} notices of lines left out; resident memory since the first round ${grown >= 0 ? '+' : ''}${round(grown)} MiB; a reader that does not read +${round(stalled)} MiB`,
      peer: `${pods} kubectl logs -f, processor time in sum`,
      unit: '× its processor time',
      ...cpu,
      goal: `≤ 1×, no line lost or out of order, memory flat, a stalled reader ≤ ${stalledMiBMax} MiB`,
      holds: cpu.value <= 1 && isWhole && grown < flatMiB && stalled <= stalledMiBMax,
    }
  },
}

/** What was read, once it is all or nothing more comes. */
async function countUntil(count: () => Promise<Count>, lines: number): Promise<Count> {
  for (let before = await count(); ;) {
    if (before.lines >= lines) return before
    await delay(2_000)
    const now = await count()
    if (now.lines === before.lines) return now
    before = now
  }
}

function startPeer(world: World, kubeconfig: string, pod: string): ChildProcess {
  const words = ['--kubeconfig', kubeconfig, 'logs', '-f', '--tail=1', pod]
  const child = spawn(join(world.assets, 'kubectl'), words, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { HOME: world.folder, PATH: '/usr/bin:/bin' },
  })
  world.defer(() => child.kill('SIGKILL'))
  return child
}

async function cpuOf(children: readonly ChildProcess[]): Promise<number> {
  const each = await Promise.all(children.map(({ pid }) => readCpuMs(pid!)))
  return each.reduce((sum, ms) => sum + ms, 0)
}
