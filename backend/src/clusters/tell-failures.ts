import { ClusterError, connectionKinds, type Transport } from '#kube'

/** The same transport, which tells when nobody was there to answer a request. */
export function tellFailures(transport: Transport, onLost: () => void): Transport {
  const judge = (error: unknown) => {
    if (error instanceof ClusterError && connectionKinds.has(error.kind)) onLost()
    throw error
  }
  return {
    ...transport,
    request: (request) => transport.request<never>(request).catch(judge),
    open: (request) => transport.open(request).catch(judge),
  }
}
