import {
  ClusterError,
  isClosedTransport,
  type ClusterCredential,
  type KubeRequest,
  type Transport,
} from '#kube'

/** The way with a newer credential than the one that the cluster just refused; null where there is none. */
export type FindNewer = (
  refused: ClusterCredential,
  request: Pick<KubeRequest, 'isProbe' | 'signal' | 'timeoutMs'>,
) => Promise<Transport | null>

/**
 * The same transport, but what the cluster refuses for its credential (401) is asked once more with a newer one, and so
 * is what comes after another took its place. The cluster has done nothing of either: that is safe for every method. A
 * person's token that is refused says nothing of the credential.
 */
export function repeatRefused(
  transport: Transport,
  credential: ClusterCredential,
  findNewer: FindNewer,
): Transport {
  let current = credential
  /** Nothing of what is never begun was read; what streams in was, by the request that is refused. */
  const isRepeatable = (
    error: unknown,
    { ownToken, body }: { ownToken?: unknown; body?: unknown } = {},
  ) =>
    isClosedTransport(error) || (isRefused(error) && !ownToken && !(body instanceof ReadableStream))
  return {
    request: async (request) => {
      const used = current
      try {
        return await transport.request<never>(request)
      } catch (error) {
        const newer = isRepeatable(error, request) ? await findNewer(used, request) : null
        if (!newer) throw error
        return newer.request<never>(request)
      }
    },
    watch: async function* (request) {
      const used = current
      try {
        yield* transport.watch(request)
      } catch (error) {
        const newer = isRepeatable(error) ? await findNewer(used, request) : null
        if (!newer) throw error
        yield* newer.watch(request)
      }
    },
    open: async (request) => {
      const used = current
      try {
        return await transport.open(request)
      } catch (error) {
        const newer = isRepeatable(error, request) ? await findNewer(used, request) : null
        if (!newer) throw error
        return newer.open(request)
      }
    },
    heardAt: () => transport.heardAt(),
    renew: (next) => {
      const isRenewed = transport.renew(next)
      if (isRenewed) current = next
      return isRenewed
    },
    close: (options) => transport.close(options),
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof ClusterError && error.kind === 'unauthorized'
}
