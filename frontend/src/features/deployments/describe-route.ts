import type { ModelRoute } from '@hub/shared'

/** Which way calls of a model take, in words. */
export function describeRoute({ address, reason, way }: ModelRoute): string {
  if (way === 'direct') return `its own address, ${address}`
  return reason === null ? 'the API server of its cluster' : reason
}
