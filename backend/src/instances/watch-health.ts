import {
  ClusterError,
  discoverCluster,
  sleep,
  type ClusterFacts,
  type Timing,
  type Transport,
} from '#kube'

export type Probe = { facts: ClusterFacts; error: null } | { facts: null; error: ClusterError }

export type HealthWatch = {
  /** Asks again soon, instead of when it is due: something just failed or changed. */
  probe: () => void
  stop: () => void
}

const retryMs = 1_000
const probeSpacingMs = 1_000

/** Probes one cluster for as long as it is not stopped, on its own: no other cluster's silence delays it. */
export function watchHealth(options: {
  transport: Transport
  timing: Timing
  intervalMs: number
  timeoutMs: number
  onProbe: (probe: Probe) => void
}): HealthWatch {
  const { timing } = options
  const stopped = new AbortController()
  let wake = new AbortController()

  const run = async () => {
    let wasWell = false
    while (!stopped.signal.aborted) {
      const startedAt = timing.now()
      let probe = await probeOnce(options, stopped.signal)
      if (wasWell && probe.error && isTransient(probe.error)) {
        await sleep(timing, retryMs, stopped.signal)
        probe = await probeOnce(options, stopped.signal)
      }
      if (stopped.signal.aborted) return
      wasWell = probe.error === null
      options.onProbe(probe)
      // Between 80 and 120 %, so that many instances do not ask in step.
      const delay = options.intervalMs * (0.8 + 0.4 * timing.random())
      await sleep(timing, delay, stopped.signal, wake.signal)
      wake = new AbortController()
      const spacing = startedAt + probeSpacingMs - timing.now()
      if (spacing > 0) await sleep(timing, spacing, stopped.signal)
    }
  }
  void run()

  return { probe: () => wake.abort(), stop: () => stopped.abort() }
}

async function probeOnce(
  options: { transport: Transport; timing: Timing; timeoutMs: number },
  stopped: AbortSignal,
): Promise<Probe> {
  const { timing, timeoutMs, transport } = options
  const limit = new AbortController()
  const abort = () => limit.abort()
  stopped.addEventListener('abort', abort)
  let timedOut = false
  const timer = timing.setTimeout(() => {
    timedOut = true
    abort()
  }, timeoutMs)
  try {
    return { facts: await discoverCluster(transport, { signal: limit.signal }), error: null }
  } catch (cause) {
    if (timedOut || !(cause instanceof ClusterError)) {
      const kind = timedOut ? 'timeout' : 'protocol'
      return { facts: null, error: new ClusterError(kind, { message: 'did not answer', cause }) }
    }
    return { facts: null, error: cause }
  } finally {
    timing.clearTimeout(timer)
    stopped.removeEventListener('abort', abort)
  }
}

/** One lost packet must not turn an instance red. */
function isTransient(error: ClusterError): boolean {
  return ['dns', 'refused', 'timeout', 'proxy', 'server', 'throttled', 'aborted'].includes(
    error.kind,
  )
}
