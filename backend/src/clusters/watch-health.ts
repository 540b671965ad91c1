import {
  apiGroups,
  ClusterError,
  connectionKinds,
  discoverCluster,
  kubePath,
  sleep,
  type ClusterErrorKind,
  type ClusterFacts,
  type Timing,
  type Transport,
} from '#kube'
import type { TakeTurns } from './take-turns.ts'

/** `former`: how many deployments there are in the former API group, beside the one that is used. */
type ProbedFacts = ClusterFacts & { former?: number }

/** `isUnsettled`: the cluster answers again after a break, and not everything of it does yet. */
export type Probe = ({ facts: ProbedFacts; error: null } | { facts: null; error: ClusterError }) & {
  isUnsettled: boolean
}

export type HealthWatch = {
  /** Asks again soon, instead of when it is due: something just failed or changed. */
  probe: (what?: { isLost: boolean }) => void
  /** The credential is a newer one, for a cluster that is well: it is tried when it is its turn, at least once from now on. */
  tryCredential: () => void
  stop: () => void
}

const retryMs = 1_000
const probeSpacingMs = 1_000
/** A cluster of which nothing was heard for so long is asked for a sign of life. */
const quietMs = 5_000
/** And after so long without one it is told that it does not answer just now, before it counts as unreachable. */
const silentMs = 4_000
/** How soon a cluster that fails is asked again; doubled with each failure, up to the interval. */
const failedMs = 2_000
/** For so long after a break what a cluster refuses may be what it did not load yet. */
const settlingMs = 60_000
const unsettledMs = 2_000
const formerMs = 600_000

export type HealthOptions = {
  transport: Transport
  timing: Timing
  intervalMs: number
  timeoutMs: number
  /** When anything was last heard of the cluster, in the time of `timing`: what is heard anyway need not be asked for. */
  heardAt: () => number
  /** What the cluster said when it last had settled. */
  known: () => Pick<ClusterFacts, 'apiGroup' | 'uid'>
  /** Asked every ten minutes. */
  countFormer?: (signal: AbortSignal) => Promise<number>
  /** For what is asked of many clusters at the same time. */
  takeTurn?: TakeTurns
  /** It was well, and does not answer just now; a probe tells what becomes of it. */
  onSilent: () => void
  onProbe: (probe: Probe) => void
}

/** Probes one cluster for as long as it is not stopped, on its own: no other cluster's silence delays it. */
export function watchHealth(options: HealthOptions): HealthWatch {
  const { heardAt, intervalMs, onProbe, takeTurn = (act) => act(), timing } = options
  const stopped = new AbortController()
  let wake = new AbortController()
  let renewed = new AbortController()
  let lostAt = Number.NEGATIVE_INFINITY
  let wasWell = false
  let failures = 0
  const lookForFormer = createFormerCount(options, stopped.signal)

  const ask = async (): Promise<Probe> => {
    const probe = await limitProbe(options, stopped.signal, options.timeoutMs, wasWell, (signal) =>
      discoverCluster(options.transport, { signal }),
    )
    if (!probe.error) {
      const former = lookForFormer(probe.answer)
      return { facts: { ...probe.answer, former }, error: null, isUnsettled: false }
    }
    if (isBreak(probe.error.kind)) lostAt = timing.now()
    return { facts: null, error: probe.error, isUnsettled: false }
  }

  const settle = (probe: Probe): Probe => {
    if (timing.now() - lostAt >= settlingMs || !lacksSomething(probe, options.known())) return probe
    return { ...probe, isUnsettled: true }
  }

  const askForSign = async (): Promise<ClusterError | null> => {
    if (stopped.signal.aborted) return null
    renewed = new AbortController()
    return askVersion(options, stopped.signal)
  }

  /** Until the next probe is due; sooner where a cluster that says nothing gives no sign of life. */
  const rest = async (probe: Probe): Promise<{ isSilent: boolean }> => {
    // Between 80 and 120 %, so that many instances do not ask in step.
    const delay = chooseDelay(probe, { failures, intervalMs }) * (0.8 + 0.4 * timing.random())
    const dueAt = timing.now() + delay
    for (;;) {
      const now = timing.now()
      const signAt = wasWell ? Math.max(heardAt(), now - quietMs) + quietMs : dueAt
      const signals = [stopped.signal, wake.signal, renewed.signal]
      await sleep(timing, Math.max(0, Math.min(dueAt, signAt) - now), ...signals)
      const isDue = timing.now() >= dueAt || wake.signal.aborted || stopped.signal.aborted
      if (isDue) return { isSilent: false }
      const isRenewed = renewed.signal.aborted
      if (!isRenewed && timing.now() - heardAt() < quietMs) continue
      const error = isRenewed ? await takeTurn(askForSign) : await askForSign()
      if (error && isTransient(error)) return { isSilent: true }
      // What answers with a refusal is alive; a probe tells which.
      if (error) return { isSilent: false }
    }
  }

  const run = async () => {
    let isSecondTry = false
    while (!stopped.signal.aborted) {
      const startedAt = timing.now()
      let probe = await ask()
      if (wasWell && !isSecondTry && probe.error && isTransient(probe.error)) {
        await sleep(timing, retryMs, stopped.signal)
        probe = await ask()
      }
      if (stopped.signal.aborted) return
      wasWell = probe.error === null
      failures = probe.error && !unloadedKinds.has(probe.error.kind) ? failures + 1 : 0
      const settled = settle(probe)
      onProbe(settled)
      isSecondTry = (await rest(settled)).isSilent
      wake = new AbortController()
      const spacing = startedAt + probeSpacingMs - timing.now()
      if (spacing > 0) await sleep(timing, spacing, stopped.signal)
    }
  }
  void run()

  return {
    probe: ({ isLost } = { isLost: false }) => {
      if (isLost) lostAt = timing.now()
      wake.abort()
    },
    tryCredential: () => renewed.abort(),
    stop: () => stopped.abort(),
  }
}

/** The least that shows whether the cluster is there and takes the credential. */
async function askVersion(
  options: HealthOptions,
  stopped: AbortSignal,
): Promise<ClusterError | null> {
  const path = kubePath('version')
  const { error } = await limitProbe(options, stopped, silentMs, true, (signal) =>
    options.transport.request({ method: 'GET', path, isProbe: true, signal }),
  )
  return error
}

/** How many were counted last; counted anew where that is due, for the probes that follow: none waits for it. */
function createFormerCount(
  { countFormer, timing }: Pick<HealthOptions, 'countFormer' | 'timing'>,
  signal: AbortSignal,
): (facts: ClusterFacts) => number {
  let former = 0
  let dueAt = Number.NEGATIVE_INFINITY
  return ({ apiGroup }) => {
    if (apiGroup !== apiGroups[0]) former = 0
    else if (countFormer && timing.now() >= dueAt) {
      dueAt = timing.now() + formerMs
      void countFormer(signal).then(
        (count) => (former = count),
        () => {},
      )
    }
    return former
  }
}

function chooseDelay(
  { isUnsettled }: Probe,
  { failures, intervalMs }: { failures: number; intervalMs: number },
): number {
  if (isUnsettled) return Math.min(intervalMs, unsettledMs)
  if (failures === 0) return intervalMs
  return Math.min(intervalMs, failedMs * 2 ** (failures - 1))
}

/** Kinds in which a cluster refuses what it has not loaded yet. */
const unloadedKinds: ReadonlySet<ClusterErrorKind> = new Set([
  'unauthorized',
  'forbidden',
  'not-found',
])

/** An API server that is ending or beginning also answers in the 500s. */
function isBreak(kind: ClusterErrorKind): boolean {
  return connectionKinds.has(kind) || kind === 'server'
}

function lacksSomething(
  { error, facts }: Probe,
  known: Pick<ClusterFacts, 'apiGroup' | 'uid'>,
): boolean {
  if (error) return unloadedKinds.has(error.kind)
  return (
    (facts.apiGroup === null && known.apiGroup !== null) ||
    (facts.uid === null && known.uid !== null)
  )
}

async function limitProbe<T>(
  { onSilent, timing }: { onSilent: () => void; timing: Timing },
  stopped: AbortSignal,
  timeoutMs: number,
  isWatched: boolean,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<{ answer: T; error: null } | { answer: null; error: ClusterError }> {
  const limit = new AbortController()
  const abort = () => limit.abort()
  stopped.addEventListener('abort', abort)
  let timedOut = false
  const timers = [
    timing.setTimeout(() => {
      timedOut = true
      abort()
    }, timeoutMs),
    ...(isWatched ? [timing.setTimeout(onSilent, Math.min(silentMs, timeoutMs))] : []),
  ]
  try {
    return { answer: await act(limit.signal), error: null }
  } catch (cause) {
    if (timedOut || !(cause instanceof ClusterError)) {
      const kind = timedOut ? 'timeout' : 'protocol'
      return { answer: null, error: new ClusterError(kind, { message: 'did not answer', cause }) }
    }
    return { answer: null, error: cause }
  } finally {
    for (const timer of timers) timing.clearTimeout(timer)
    stopped.removeEventListener('abort', abort)
  }
}

/** One lost packet must not turn an instance red. */
function isTransient(error: ClusterError): boolean {
  return ['dns', 'refused', 'timeout', 'proxy', 'server', 'throttled', 'aborted'].includes(
    error.kind,
  )
}

/** Of a cluster that is not to be dialled. */
export function watchNothing(): HealthWatch {
  return { probe: () => {}, tryCredential: () => {}, stop: () => {} }
}
