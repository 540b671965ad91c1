import { sleep, type Timing, type Transport } from '#kube'
import type { Logger } from '#log'
import { isSamePlace } from './cluster-identities.ts'
import type { Entry } from './entry.ts'
import type { FindNewer } from './repeat-refused.ts'

/** What a refused request waits for a newer credential. */
const renewalWaitMs = 5_000

/** Finds what to ask again with where a cluster refused a credential: it is read anew once, until one is good. */
export function createRenewals(options: {
  find: (id: string) => Entry | undefined
  /** Resolves when the instance's credential was read anew. */
  reload: (id: string) => Promise<void>
  timing: Timing
  log: Logger
}): (id: string) => FindNewer {
  const { find, log, timing } = options
  /** Credentials that are being read anew, by instance. */
  const reloads = new Map<string, Promise<void>>()

  /** Resolves when the credential was read anew, if it is worth it. */
  const reload = async (id: string) => {
    const entry = find(id)
    if (!entry || entry.isReloaded) return reloads.get(id)
    entry.isReloaded = true
    log.info({ instance: id }, 'the cluster refused the credential, which is read again')
    const reloaded = options.reload(id).finally(() => reloads.delete(id))
    reloads.set(id, reloaded)
    return reloaded
  }

  return (id) =>
    async (refused, { isProbe, signal, timeoutMs = renewalWaitMs }): Promise<Transport | null> => {
      const isRefused = () => find(id)?.good?.credential === refused
      const reloaded = isRefused() ? reload(id) : null
      // A new credential is probed anyhow.
      if (isProbe) return null
      if (reloaded) {
        const signals = signal ? [signal] : []
        const waitMs = Math.min(timeoutMs, renewalWaitMs)
        await Promise.race([reloaded, sleep(timing, waitMs, ...signals)])
      }
      const entry = find(id)
      if (!entry?.good || isRefused() || signal?.aborted) return null
      // Meant for one cluster, it must not reach another of the same name.
      return isSamePlace(refused, entry.good.credential) ? entry.once : null
    }
}
