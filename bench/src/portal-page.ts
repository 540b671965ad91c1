import type { CDPSession, Page } from '@playwright/test'

/** What the main thread did while a page was looked at. */
export type Motion = {
  /** Tasks over 50 ms by the clock, whoever else had the processor. */
  longTasksMs: number[]
  /** The longest tasks by the processor time that they used. */
  longestCpuMs: number[]
  /** Of the heap after collecting, at the end against the beginning. */
  heapRatio: number
  heapMiB: number
}

/** A trace of more than this is more than a message should hold. */
const tracedMs = 10_000
/**
 * What the first seconds of use keep for good is no leak: pages of the list that are scrolled to later, and most of all the
 * code that V8 makes of what runs often.
 */
export const warmUpMs = 20_000

/** Runs in the page, which this program's types know nothing of. */
const watchLongTasks = `
  globalThis.longTasks = []
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(duration)
  }).observe({ type: 'longtask' })
`

/** Watches an open page for `seconds` after it has been used for a while; `act` is called over and over. */
export async function watchMotion(
  page: Page,
  seconds: number,
  act: (elapsedMs: number) => Promise<void>,
): Promise<Motion> {
  const session = await page.context().newCDPSession(page)
  const actFor = async (ms: number) => {
    const startedAt = performance.now()
    while (performance.now() - startedAt < ms) await act(performance.now() - startedAt)
  }
  await actFor(warmUpMs)
  const before = await readHeap(session)
  await page.evaluate(watchLongTasks)
  const cpuMs: number[] = []
  for (let left = seconds * 1000; left > 0; left -= tracedMs) {
    const trace = await startTrace(session)
    await actFor(Math.min(left, tracedMs))
    cpuMs.push(...(await trace.stop()))
  }
  const longTasksMs: number[] = await page.evaluate('longTasks')
  const after = await readHeap(session)
  return {
    longTasksMs,
    longestCpuMs: cpuMs.toSorted((a, b) => b - a).slice(0, 3),
    heapRatio: after / before,
    heapMiB: after / 2 ** 20,
  }
}

async function readHeap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize
}

type TraceEvent = {
  name: string
  tid: number
  pid: number
  tdur?: number
  args?: { name?: string }
}

/** Traces tasks of the renderers' main threads by their processor time. */
async function startTrace(session: CDPSession): Promise<{ stop(): Promise<number[]> }> {
  const events: TraceEvent[] = []
  const collect = ({ value }: { value: unknown[] }) => {
    events.push(...(value as TraceEvent[]))
  }
  session.on('Tracing.dataCollected', collect)
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', '__metadata'] },
  })
  return {
    async stop() {
      const ended = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
      await session.send('Tracing.end')
      await ended
      session.off('Tracing.dataCollected', collect)
      const mains = new Set(
        events
          .filter(({ args, name }) => name === 'thread_name' && args?.name === 'CrRendererMain')
          .map(({ pid, tid }) => `${pid}/${tid}`),
      )
      return events
        .filter(
          ({ name, pid, tdur, tid }) =>
            tdur !== undefined && name.endsWith('RunTask') && mains.has(`${pid}/${tid}`),
        )
        .map(({ tdur = 0 }) => tdur / 1000)
    },
  }
}
