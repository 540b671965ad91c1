import type { InstancePolicy } from '@hub/shared'
import type { ClusterInstance } from '#clusters'
import { findAuthoritiesEnd } from '#config'
import type { Clock } from '#context'
import { ClusterError, kubePath, type Passage, type PassageRequest } from '#kube'
import type { ServedDeployment } from '../served-deployment.ts'
import { fillRoute, type FilledRoute } from './fill-route.ts'
import { createFaults, restSeconds, type Faults } from './keep-faults.ts'
import { createLines, type LineOptions, type LinePolicy, type Lines } from './keep-lines.ts'

/** The way to one model without its API server, where there is one; else why there is none. */
export type DirectRoute = {
  /** Null where the policy names none. */
  address: string | null
  /** Why it is not taken; null where it is, or where nobody asked for it. */
  reason: string | null
  /** Null where the API server is the way. Throws ClusterError. */
  open: ((request: DirectRequest) => Promise<Passage>) | null
}

type DirectRequest = Omit<PassageRequest, 'path' | 'isForwarded'> & {
  path: readonly [string, ...string[]]
}

type AskedInstance = Pick<ClusterInstance, 'id' | 'accessMode'>

/** How models are called past the API servers of their clusters, where policies allow it. */
export type DirectRoutes = {
  find(instance: AskedInstance, deployment: ServedDeployment): DirectRoute
  /** Sentences for administrators of an instance. */
  warnings(instance: string): string[]
  close(): Promise<void>
}

export function createDirectRoutes({
  now: clock,
  policies,
  ...options
}: LineOptions & {
  now: Clock
  policies: { latest(instance: string): Pick<InstancePolicy, 'directModels'> }
}): DirectRoutes {
  const lines = createLines(options)
  const faults = createFaults(options.timing)
  return {
    find: ({ accessMode, id }, deployment) => {
      const { directModels: policy } = policies.latest(id)
      if (policy === null) return byServer(null, null)
      if (accessMode !== 'service') {
        return byServer(
          null,
          `Instance "${id}" decides itself who may call its models, in the access mode ${accessMode}: calls go by its API server, though its policy names addresses.`,
        )
      }
      const filled = fillRoute(policy.url, deployment)
      if (filled === null) {
        return byServer(
          null,
          `The policy's address ${policy.url} says something of this deployment that is not known, or is not a plain name. Calls go by the API server.`,
        )
      }
      const address = [filled.origin, ...filled.segments].join('/')
      const fault = faults.of({ instance: id, origin: filled.origin })
      if (fault !== null) {
        return byServer(
          address,
          `${address} ${fault}. Calls go by the API server; the hub tries the address again within ${restSeconds} s.`,
        )
      }
      const open = openAt({ lines, faults }, { ...filled, instance: id, policy })
      return { address, reason: null, open }
    },
    warnings: (instance) => {
      const authority = policies.latest(instance).directModels?.certificateAuthority ?? null
      const ending = authority === null ? [] : describeEnd(authority, clock())
      const [first, ...others] = faults.list(instance)
      if (!first) return ending
      const more = others.length > 0 ? `, and ${others.length} more fail too` : ''
      return [
        ...ending,
        `Its models are called by the API server, though its policy names their addresses: ${first.join(' ')}${more}. Check the addresses and hosts in the policy, and the network to them.`,
      ]
    },
    close: lines.close,
  }
}

const warnDays = 14

/** Of the authority that the policy names: it is nobody's to renew but the administrator's. */
function describeEnd(pem: string, now: Date): string[] {
  const end = findAuthoritiesEnd(pem)
  if (end === null || end.getTime() - now.getTime() >= warnDays * 86_400_000) return []
  const when = `${end > now ? 'expires' : 'expired'} on ${end.toISOString().slice(0, 10)}`
  return [
    `The certificate authority in its policy, of its models' own addresses, ${when}. Give the one that follows it beside it, or in its place.`,
  ]
}

function byServer(address: string | null, reason: string | null): DirectRoute {
  return { address, reason, open: null }
}

/** What the address has no part in. */
const ofHub: ReadonlySet<ClusterError['kind']> = new Set(['aborted', 'throttled', 'no-descriptor'])

function openAt(
  { faults, lines }: { lines: Lines; faults: Faults },
  at: FilledRoute & { instance: string; policy: LinePolicy },
): NonNullable<DirectRoute['open']> {
  const { origin, policy, segments } = at
  return async ({ path: [first, ...rest], ...request }) => {
    let wasSent = false
    const onSend = () => {
      wasSent = true
      request.onSend?.()
    }
    try {
      const [head, ...tail] = [...segments, first, ...rest] as [string, ...string[]]
      const sent = { ...request, path: kubePath(head, ...tail), onSend, isForwarded: true }
      const answer = await lines.to(origin, policy).open(sent)
      faults.clear(at)
      if (answer.status < 300 || answer.status >= 400) return answer
      await answer.body.cancel()
      throw new ClusterError('protocol', {
        message: 'leads elsewhere, and the hub does not follow',
        status: answer.status,
      })
    } catch (error) {
      // What was sent and failed may be the model's own trouble.
      if (error instanceof ClusterError && !wasSent && !ofHub.has(error.kind)) {
        faults.note(at, error.message)
      }
      throw error
    }
  }
}
