import { afterEach, describe, expect, test } from 'vitest'
import type { Job } from '#context'
import type { Lease, Leases } from '#db'
import { createLogger } from '#log'
import { holdTime } from '../test/held-time.ts'
import { runJobs, type RunningJobs } from './run-jobs.ts'

let time: ReturnType<typeof holdTime>
let lines: string[]
const running: RunningJobs[] = []
afterEach(() => Promise.all(running.splice(0).map((jobs) => jobs.stop())))

function run(job: Partial<Job>, leases?: Leases): RunningJobs {
  time = holdTime()
  lines = []
  const jobs = runJobs(
    [{ name: 'test.job', everySeconds: 10, failure: 'it failed', run: async () => {}, ...job }],
    {
      log: createLogger('debug', { write: (line) => void lines.push(line) }),
      leases: leases ?? { hold: async () => false },
      now: () => new Date(time.timing.now()),
      timing: time.timing,
    },
  )
  running.push(jobs)
  return jobs
}

describe('a job', () => {
  test('runs at once and at its interval, and its last run can be read', async () => {
    let rounds = 0
    const jobs = run({ run: async () => void (rounds += 1) })
    expect(jobs.lastRuns().get('test.job')).toBeNull()
    await time.advance(0)
    expect(rounds).toBe(1)
    await time.advance(9_999)
    expect(rounds).toBe(1)
    await time.advance(1)
    expect(rounds).toBe(2)
    expect(jobs.lastRuns().get('test.job')).toEqual({
      startedAt: new Date(10_000),
      durationMs: 0,
      outcome: 'success',
    })
  })

  test('leaves part of each wait to chance', async () => {
    let rounds = 0
    // The held clock's chance is one half.
    run({ jitter: 0.5, run: async () => void (rounds += 1) })
    await time.advance(0)
    await time.advance(7_499)
    expect(rounds).toBe(1)
    await time.advance(1)
    expect(rounds).toBe(2)
  })

  test('may wait before its first round', async () => {
    let rounds = 0
    run({ firstWaitSeconds: 4, jitter: 0.5, run: async () => void (rounds += 1) })
    await time.advance(2_999)
    expect(rounds).toBe(0)
    await time.advance(1)
    expect(rounds).toBe(1)
  })

  test('never runs beside itself, however long a round takes', async () => {
    let rounds = 0
    const end = Promise.withResolvers<void>()
    const jobs = run({
      run: () => {
        rounds += 1
        return end.promise
      },
    })
    await time.advance(60_000)
    expect(rounds).toBe(1)
    end.resolve()
    await time.advance(0)
    expect(jobs.lastRuns().get('test.job')).toMatchObject({ durationMs: 60_000 })
  })

  test('that fails is logged, and tried again soon and then ever less often', async () => {
    const at: number[] = []
    const jobs = run({
      everySeconds: 86_400,
      run: async () => {
        at.push(time.timing.now() / 1000)
        if (at.length < 6) throw new Error('no answer')
      },
    })
    await time.advance(0)
    for (let second = 0; second < 320; second += 10) await time.advance(10_000)
    expect(at).toEqual([0, 10, 30, 70, 150, 310])
    expect(lines).toHaveLength(5)
    expect(JSON.parse(lines[0]!)).toMatchObject({ msg: 'it failed', job: 'test.job' })
    expect(jobs.lastRuns().get('test.job')).toMatchObject({ outcome: 'success' })
  })

  test('that is frequent comes a minute after many failures at most', async () => {
    const at: number[] = []
    run({
      run: async () => {
        at.push(time.timing.now() / 1000)
        throw new Error('no answer')
      },
    })
    await time.advance(0)
    for (let second = 0; second < 190; second += 10) await time.advance(10_000)
    expect(at).toEqual([0, 10, 30, 70, 130, 190])
  })

  test('that is leased runs under its lease, and not where another hub has it', async () => {
    const lease: Lease = {
      name: 'test.job',
      fencingNumber: 7,
      signal: new AbortController().signal,
      check: async () => {},
    }
    const seen: unknown[] = []
    const job: Partial<Job> = {
      isLeased: true,
      run: async (round) => void seen.push([round.lease?.fencingNumber, round.signal]),
    }
    const here = run(job, {
      async hold(_, __, work) {
        await work(lease)
        return true
      },
    })
    await time.advance(0)
    expect(seen).toEqual([[7, lease.signal]])
    expect(here.lastRuns().get('test.job')).toMatchObject({ outcome: 'success' })
    const elsewhere = run(job, { hold: async () => false })
    await time.advance(0)
    expect(seen).toHaveLength(1)
    expect(elsewhere.lastRuns().get('test.job')).toMatchObject({ outcome: 'elsewhere' })
    expect(lines).toEqual([])
  })

  test('is told to stop, and waited for', async () => {
    let ended = false
    const jobs = run({
      run: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            ended = true
            reject(new Error('stopped'))
          })
        }),
    })
    await time.advance(0)
    await jobs.stop()
    expect(ended).toBe(true)
    expect(lines).toEqual([])
    expect(time.timers()).toBe(0)
  })
})
