import { networkError, type ClusterErrorKind } from '../cluster-error.ts'
import { sleep, systemTiming } from '../timing.ts'
import { createBreaks } from './breaks.ts'
import { createRate, kindBudget } from './budget.ts'
import { chooseDelay } from './choose-delay.ts'
import { createHearing, silent } from './hearing.ts'
import type { ListWatchOptions, ListWatchState } from './options.ts'
import { relist } from './relist.ts'
import { createRest } from './rest.ts'
import { watchFrom } from './watch-from.ts'

/** A watch that lived this long or said anything proves the cluster well: the back-off starts over. */
const healthyAfterMs = 10_000
/** A past that is gone is listed anew at once, but no more often than this. */
const hastyRelistMs = 30_000
/** What such a list may take before what is known counts as old. */
const checkGraceMs = 2_000
/** A server that ends each watch after a word must not be asked in a tight loop. */
const watchSpacingMs = 1_000
/** No watch is asked to end so soon: one that did broke. */
const watchMsMin = 235_000
/** After these the past is still good; after any other (expiry, silence, nonsense) something may have been missed. */
const keepsPosition: ReadonlySet<ClusterErrorKind> = new Set([
  'dns',
  'refused',
  'proxy',
  'tls',
  'unauthorized',
  'throttled',
  'server',
  'aborted',
])

/**
 * Keeps up with one collection of objects until the signal aborts: list, watch from there, and again from where it
 * stopped, relisting only when the cluster says that the past is gone. Whatever the cluster answers, it costs no more
 * than the budget. Resolves on abort and never rejects.
 */
export async function listWatch<T>(options: ListWatchOptions<T>): Promise<void> {
  const { signal, timing = systemTiming } = options
  const { breaks = createBreaks(timing.now) } = options
  let phase: ListWatchState['phase'] | null = null
  const report = (state: ListWatchState) => {
    if (state.phase === phase && state.phase !== 'retrying') return
    phase = state.phase
    options.onState(state)
  }
  const rate = createRate(options.budget ?? kindBudget, timing.now)
  const rest = createRest(options, timing)
  let position: string | null = null
  let failures = 0
  let hastyAt = Number.NEGATIVE_INFINITY
  const hearing = createHearing(options, timing, report)

  /** Reads anew what a watch would not tell, and whether it held something back. */
  const check = async (since: string): Promise<string> => {
    const grace = timing.setTimeout(
      () => report({ phase: 'silent', error: silent() }),
      checkGraceMs,
    )
    try {
      const list = await relist(options, timing, rest)
      hearing.checked(list, since)
      return list.resourceVersion
    } finally {
      timing.clearTimeout(grace)
    }
  }

  while (!signal.aborted) {
    let watchedSince = Number.POSITIVE_INFINITY
    let heard = false
    const isHealthy = () => heard || timing.now() - watchedSince >= healthyAfterMs
    try {
      if (position === null) {
        report({ phase: 'listing' })
        const list = await relist(options, timing, rest)
        position = list.resourceVersion
        hearing.listed(list)
      } else if (hearing.isDead()) {
        position = await check(position)
      }
      watchedSince = timing.now()
      const watch: AsyncGenerator<string, void, undefined> = watchFrom(options, position, timing, {
        onBytes: (count) => {
          rate.addBytes(count)
          rest.add(count)
        },
        onLine: (type) => {
          rate.addChange()
          hearing.line(type)
        },
        onOpen: hearing.settle,
      })
      for await (const next of watch) {
        heard = true
        position = next
        const resting = rest.take()
        if (!resting) continue
        const restsSince = timing.now()
        await resting
        rate.addHeldBack(timing.now() - restsSince)
      }
      failures = isHealthy() ? 0 : failures + 1
      const lastedMs = timing.now() - watchedSince
      if (lastedMs < watchMsMin) breaks.note()
      if (failures > 0) await sleep(timing, chooseDelay(failures, null, timing), signal)
      else if (lastedMs < watchSpacingMs) await sleep(timing, watchSpacingMs - lastedMs, signal)
    } catch (thrown) {
      if (signal.aborted) return
      const error = networkError(thrown)
      if (isHealthy() && error.kind !== 'too-much') failures = 0
      if (!keepsPosition.has(error.kind)) position = null
      failures += 1
      hearing.failed()
      if (error.kind === 'gone' && failures === 1 && timing.now() - hastyAt >= hastyRelistMs) {
        hastyAt = timing.now()
        continue
      }
      const told = breaks.judge(error)
      const delayMs = chooseDelay(failures, told, timing)
      report({ phase: 'retrying', error: told, delayMs })
      await sleep(timing, delayMs, signal)
    }
  }
}
