import { ClusterError } from '#kube'

/** What it failed with, which has to be what is told of a cluster. */
export async function failure(promise: Promise<unknown>): Promise<ClusterError> {
  const thrown: unknown = await promise.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  )
  if (thrown instanceof ClusterError) return thrown
  throw thrown
}
