import type { RequestContext } from '#context'
import {
  ClusterError,
  findObject,
  toAppError,
  type KubeObject,
  type KubePath,
  type KubeRequest,
  type KubeResponse,
  type Passage,
  type PassageRequest,
} from '#kube'
import { actFor } from './act-for.ts'
import type { ClusterInstance } from './cluster-instance.ts'

/** What is only said beside something else is not waited for longer. */
const lookMs = 3_000

type Asking = {
  /** As whom the cluster is asked, of the namespace: the same text for the same. */
  asWhom(): string
  read<T>(request: Pick<KubeRequest, 'path' | 'query'>): Promise<T>
  /** Null where nothing is there. */
  find(path: KubePath): Promise<KubeObject | null>
  /** Null where that cannot be told. */
  exists(path: KubePath, name: string): Promise<boolean | null>
  change(
    request: Omit<KubeRequest, 'requestId' | 'impersonate' | 'signal'>,
  ): Promise<KubeResponse<KubeObject>>
  /** Ends with the caller's request, unless it `isDetached`: then by its own signal alone. */
  open(
    request: Omit<PassageRequest, 'requestId' | 'impersonate' | 'toError'> & {
      isDetached?: boolean
    },
  ): Promise<Passage>
}

/**
 * Requests to a cluster as the caller's own, where it is asked on their behalf, with the id of theirs. They fail in words
 * for people, and with `forbidden` for a principal that no cluster can take; `isChange` says that they are part of one.
 */
export function askAsCaller(
  ctx: RequestContext,
  cluster: ClusterInstance,
  { isChange, namespace }: { isChange: boolean; namespace: string },
): Asking {
  const { accessMode, id, transport } = cluster
  const { requestId, signal } = ctx
  const target = { instance: id, isImpersonated: accessMode === 'impersonate', isChange }
  const fail = (error: unknown): never => {
    throw toAppError(error, target)
  }
  const asCaller = (): Pick<KubeRequest, 'impersonate' | 'requestId'> => {
    const impersonate = actFor(ctx, cluster, namespace)
    return { requestId, ...(impersonate && { impersonate }) }
  }
  return {
    asWhom: () => JSON.stringify(actFor(ctx, cluster, namespace) ?? null),
    read: async <T>(request: Pick<KubeRequest, 'path' | 'query'>) => {
      const sent = { method: 'GET', ...request, signal, ...asCaller() } as const
      return (await transport.request<T>(sent).catch(fail)).body
    },
    find: async (path) => findObject(transport, path, asCaller()).catch(fail),
    exists: async (path, name) => {
      const sent = { method: 'GET', path, isMetadataOnly: true, timeoutMs: lookMs, signal } as const
      try {
        await transport.request({ ...sent, ...asCaller() })
        return true
      } catch (error) {
        // A kind that is not served is not found either.
        const isMissing = error instanceof ClusterError && error.kind === 'not-found'
        return isMissing && error.message.includes(`"${name}" not found`) ? false : null
      }
    },
    // Not tied to the caller's abort: a half-sent change would leave nobody knowing what happened.
    change: async (request) =>
      transport.request<KubeObject>({ ...request, ...asCaller() }).catch(fail),
    open: async ({ isDetached, signal: own, ...request }) =>
      transport
        .open({
          ...request,
          signal: endsWith(own, isDetached ? undefined : signal),
          toError: (error) => toAppError(error, target),
          ...asCaller(),
        })
        .catch(fail),
  }
}

function endsWith(...signals: (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined))
}
