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
import { actFor, describeWhom, takesOwnTokens, type ActAs } from './act-for.ts'
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
    request: Omit<KubeRequest, 'requestId' | keyof ActAs | 'signal'>,
  ): Promise<KubeResponse<KubeObject>>
  /** Ends with the caller's request, unless it `isDetached`: then by its own signal alone. */
  open(
    request: Omit<PassageRequest, 'requestId' | keyof ActAs | 'toError'> & {
      isDetached?: boolean
    },
  ): Promise<Passage>
}

/**
 * Requests to a cluster as the caller's own, where it is asked on their behalf, with the id of theirs. They fail in words
 * for people, and as `actFor` does where the cluster cannot be asked as the caller; `isChange` says that they are part of
 * one.
 */
export function askAsCaller(
  ctx: RequestContext,
  cluster: ClusterInstance,
  { isChange, namespace }: { isChange: boolean; namespace: string },
): Asking {
  const { accessMode, id, transport } = cluster
  const { requestId, signal } = ctx
  const target = async () => {
    const isOwn = ctx.actor.type !== 'system' && takesOwnTokens(cluster)
    const bind = isOwn ? await findBinding(ctx, id, namespace) : null
    return { instance: id, isImpersonated: accessMode === 'impersonate', isChange, ...bind }
  }
  const fail = async (error: unknown): Promise<never> => {
    throw toAppError(error, await target())
  }
  const asCaller = async (): Promise<ActAs & Pick<KubeRequest, 'requestId'>> => {
    const { as, username } = await actFor(ctx, cluster, namespace)
    if (username !== null) ctx.clusterUsers?.set(id, username)
    return { requestId, ...as }
  }
  return {
    asWhom: () => describeWhom(ctx, cluster, namespace),
    read: async <T>(request: Pick<KubeRequest, 'path' | 'query'>) => {
      const sent = { method: 'GET', ...request, signal, ...(await asCaller()) } as const
      return (await transport.request<T>(sent).catch(fail)).body
    },
    find: async (path) => findObject(transport, path, await asCaller()).catch(fail),
    exists: async (path, name) => {
      const sent = { method: 'GET', path, isMetadataOnly: true, timeoutMs: lookMs, signal } as const
      const as = await asCaller()
      try {
        await transport.request({ ...sent, ...as })
        return true
      } catch (error) {
        // A kind that is not served is not found either.
        const isMissing = error instanceof ClusterError && error.kind === 'not-found'
        return isMissing && error.message.includes(`"${name}" not found`) ? false : null
      }
    },
    // Not tied to the caller's abort: a half-sent change would leave nobody knowing what happened.
    change: async (request) =>
      transport.request<KubeObject>({ ...request, ...(await asCaller()) }).catch(fail),
    open: async ({ isDetached, signal: own, ...request }) => {
      const as = await asCaller()
      const told = await target()
      return transport
        .open({
          ...request,
          signal: endsWith(own, isDetached ? undefined : signal),
          toError: (error) => toAppError(error, told),
          ...as,
        })
        .catch(fail)
    },
  }
}

/** What binds whoever asked, for when the cluster refuses them; no failure of its own. */
async function findBinding(
  { ownTokens }: RequestContext,
  instance: string,
  namespace: string,
): Promise<{ ownToken: { bind: string | null } }> {
  const own = await ownTokens?.find(instance).catch(() => null)
  return { ownToken: { bind: own?.describeBinding(namespace) ?? null } }
}

function endsWith(...signals: (AbortSignal | undefined)[]): AbortSignal {
  const given = signals.filter((signal) => signal !== undefined)
  // One of several is costly, and most requests have one.
  return given.length === 1 ? given[0]! : AbortSignal.any(given)
}
