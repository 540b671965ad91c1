import type { SyncDeps } from './deps.ts'
import { syncGroups } from './sync-groups.ts'

const roundMs = { min: 2_000, max: 60_000 }

/**
 * Looks groups up again every `intervalSeconds`, in rounds that each take those whose turn comes before the next one.
 * Returns what stops it, and waits for what is being written.
 */
export function startGroupSync(
  deps: SyncDeps,
  intervalSeconds: number | null,
): () => Promise<void> {
  if (intervalSeconds === null) return async () => {}
  const abort = new AbortController()
  const intervalMs = intervalSeconds * 1000
  const everyMs = Math.min(roundMs.max, Math.max(roundMs.min, intervalMs / 15))
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  const next = () => {
    // Replicas that started together do not ask together.
    timer = setTimeout(() => (running = round()), everyMs * (0.5 + Math.random() / 2))
  }
  const round = async () => {
    try {
      const before = new Date(deps.now().getTime() - intervalMs + everyMs)
      await syncGroups(deps, before, abort.signal)
    } catch (error) {
      if (abort.signal.aborted) return
      deps.log.warn({ error }, 'groups could not be looked up again')
    }
    if (!abort.signal.aborted) next()
  }
  next()
  return async () => {
    abort.abort()
    clearTimeout(timer)
    await running
  }
}
