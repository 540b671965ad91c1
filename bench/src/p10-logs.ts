import { spawn, type ChildProcess } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { median, round, summarize, type Benchmark, type World } from './benchmark.ts'
import { readCpuMs } from './cpu.ts'
import { openHeldMemory } from './held-memory.ts'
import { findFreePort, startHub, waitUntil, type Hub } from './hub.ts'
import { startLogFarm } from './log-farm.ts'
import { stall } from './stall.ts'
import { startWorker } from './worker.ts'

const pods = 50
const readers = 4
const stalledReaders = 8
const perSecond = 5_000
const seconds = 20
const rounds = 3
/** Until all that may wait for them waits, beside what the kernel takes. */
const stalledSeconds = 20
const stalledMiBMax = 2
const flatMiB = 12
const path = '/api/instances/prod/namespaces/default/deployments/llama'

type Count = { lines: number; disorder: number; open: number; dropped: number }

/** The logs of a deployment's pods, followed by several people, against `kubectl logs -f` of each pod. */
export const logs: Benchmark = {
  id: 'P10',
  async run(world) {
    const farm = await startLogFarm(world, pods)
    const people = Array.from({ length: readers + stalledReaders }, (_, i) => `reader-${i}`)
    const inspectPort = await findFreePort()
    const hub = await startHub(world, {
      people,
      grants: people.map((sub) => ({ principal: `oidc:${sub}`, role: 'viewer' })),
      credentials: { prod: farm.kubeconfig },
      env: { NODE_OPTIONS: `--inspect-port=127.0.0.1:${inspectPort}` },
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
    // The young generation has its size then, and what is often run is compiled.
    await farm.write(perSecond, seconds / 2)
    await delay(1_000)

    const first = await count()
    const ratios: number[] = []
    const resident: number[] = []
    for (let index = 1; index <= rounds; index += 1) {
      const [ours, theirs] = [await hub.cpuMs(), await cpuOf(peers)]
      resident.push(await readResident(hub, farm.write(perSecond, seconds)))
      await delay(1_000)
      const spent = (await hub.cpuMs()) - ours
      const peerSpent = (await cpuOf(peers)) - theirs
      ratios.push(spent / peerSpent)
      world.say(
        `round ${index}: hub ${spent} ms, ${pods} kubectl ${peerSpent} ms of processor time; resident ${resident.at(-1)!.toFixed(0)} MiB`,
      )
    }
    const grown = resident.at(-1)! - resident[0]!
    const expected = readers * perSecond * seconds * rounds
    const { disorder, dropped, lines } = await countUntil(count, first.lines + expected)
    for (const peer of peers) peer.kill('SIGKILL')

    const readHeld = await openHeldMemory(world, hub.pid, inspectPort)
    const before = await readHeld()
    const leaving: (() => unknown)[] = []
    const written = farm.write(perSecond, stalledSeconds)
    for (const each of headers.slice(readers)) {
      stall(`${hub.origin}${path}/logs?follow=true`, each, (leave) => leaving.push(leave))
      // Those who come at once would share what waits for them.
      await delay(500)
    }
    await written
    const unread = await readHeld()
    for (const leave of leaving) leave()
    await farm.write(perSecond, 1)
    const after = await readHeld()
    world.say(
      `${stalledReaders} who do not read: ${unread.toFixed(1)} MiB held, ${before.toFixed(1)} before and ${after.toFixed(1)} after`,
    )
    const stalled = (unread - (before + after) / 2) / stalledReaders
    const isWhole = lines - first.lines === expected && disorder === 0 && dropped === 0
    const cpu = summarize(ratios)
    return {
      bench: 'P10',
      what: `${pods} pods' logs followed at ${perSecond} lines/s by ${readers} readers, ${rounds} × ${seconds} s; ${lines - first.lines} of ${expected} lines, ${disorder} out of order, ${dropped} notices of lines left out; resident memory since the first round ${grown >= 0 ? '+' : ''}${round(grown)} MiB; a reader that does not read holds ${round(stalled)} MiB, one of ${stalledReaders}`,
      peer: `${pods} kubectl logs -f, processor time in sum`,
      unit: '× its processor time',
      ...cpu,
      goal: `≤ 1×, no line lost or out of order, memory flat, a stalled reader ≤ ${stalledMiBMax} MiB`,
      holds: cpu.value <= 1 && isWhole && grown < flatMiB && stalled <= stalledMiBMax,
    }
  },
}

/** The median meanwhile. */
async function readResident(hub: Hub, during: Promise<void>): Promise<number> {
  const samples: number[] = []
  const timer = setInterval(() => void hub.residentMiB().then((each) => samples.push(each)), 250)
  await during.finally(() => clearInterval(timer))
  return median(samples)
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
