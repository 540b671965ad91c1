import { isUnconnected } from '../cluster-error.ts'

/**
 * Attempts again what found no connection in its time, as long as something else comes from there meanwhile: the cluster, or
 * the hub, has too much to do, and nothing was sent. Where nothing comes, nobody is there.
 */
export async function passBusy<T>(
  attempt: () => Promise<T>,
  { heardAt, signal }: { heardAt: () => number; signal: AbortSignal },
): Promise<T> {
  for (;;) {
    const before = heardAt()
    try {
      return await attempt()
    } catch (error) {
      if (signal.aborted || !isUnconnected(error) || heardAt() === before) throw error
    }
  }
}
