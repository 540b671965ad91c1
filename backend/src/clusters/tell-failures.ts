import { ClusterError, connectionKinds, type Transport } from '#kube'

/** The same transport, which tells when nobody was there to answer a request. */
export function tellFailures(transport: Transport, onLost: () => void): Transport {
  return {
    ...transport,
    request: async (request) => {
      try {
        return await transport.request<never>(request)
      } catch (error) {
        if (error instanceof ClusterError && connectionKinds.has(error.kind)) onLost()
        throw error
      }
    },
  }
}
