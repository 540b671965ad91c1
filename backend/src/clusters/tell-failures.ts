import { ClusterError, connectionKinds, type Timing, type Transport } from '#kube'

/** A transport that knows when anything but a watch last went through it. */
export type UsedTransport = { transport: Transport; usedAt: () => number }

/** The same transport, which tells when nobody was there to answer a request. */
export function tellFailures(
  transport: Transport,
  { now, onLost }: { now: Timing['now']; onLost: () => void },
): UsedTransport {
  let usedAt = Number.NEGATIVE_INFINITY
  const judge = (error: unknown) => {
    if (error instanceof ClusterError && connectionKinds.has(error.kind)) onLost()
    throw error
  }
  return {
    usedAt: () => usedAt,
    transport: {
      ...transport,
      request: (request) => {
        if (!request.isList) usedAt = now()
        return transport.request<never>(request).catch(judge)
      },
      open: (request) => {
        usedAt = now()
        return transport.open(request).catch(judge)
      },
    },
  }
}
