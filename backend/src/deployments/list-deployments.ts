import {
  matchDeployments,
  type DeploymentList,
  type DeploymentsQuery,
  type DeploymentStatusFilter,
} from '@hub/shared'
import type { RequestContext } from '#context'
import type { Fleet, FleetEntry, Visibility } from '#fleet'
import { createBoundedCache } from '#cache'
import { keepJson, type KeptJson } from '#operation'
import { requireInstance } from '#instances'
import { unauthenticated } from '#rbac'
import type { DeploymentDeps } from './deps.ts'
import { createOrder, type Order } from './deployment-order.ts'

type Counts = Record<DeploymentStatusFilter, number>

const limitDefault = 100
const remembered = { entriesMax: 2_000, bytesMax: 32 * 1024 * 1024 }

/**
 * Lists deployments from memory: no cluster is asked, and the same page is built once for everybody with the same
 * rights until something changes. What it returns throws `unauthenticated`, `invalid-request` for a cursor of another
 * list, and `not-found` where one instance is asked for that the caller cannot see.
 */
export type ListDeployments = (
  ctx: RequestContext,
  query?: DeploymentsQuery,
) => KeptJson<DeploymentList>

export function createDeploymentList({ fleet, instances }: DeploymentDeps): ListDeployments {
  const remember = createPageMemory()
  return (ctx, query = {}) => {
    if (ctx.actor.type === 'anonymous') throw unauthenticated(ctx.actor)
    if (query.instance !== undefined) requireInstance(ctx, { instances }, query.instance)
    const visibility = fleet.visibilityOf(ctx)
    return remember(visibility, query, fleet.version(), () => {
      const ids = query.instance === undefined ? fleet.instanceIds() : [query.instance]
      const visible = ids.filter((id) => visibility.seesInstance(id))
      // Where AI Runway is not installed nothing is missing, whatever the cluster did not say.
      const unanswered = (id: string) => {
        const reason = visibility.unanswered(id)
        return reason !== null && instances.find(id)?.status.state === 'no-crd' ? null : reason
      }
      return keepJson<DeploymentList>(buildPage(fleet, visible, visibility, query, unanswered))
    })
  }
}

function buildPage(
  fleet: Fleet,
  visible: string[],
  visibility: Visibility,
  query: DeploymentsQuery,
  unanswered: (id: string) => string | null,
): string {
  const { limit = limitDefault } = query
  const order = createOrder(query.sort, query.cursor)
  const { hasStatus, isCounted, isSearch } = matchDeployments(query)
  const counts: Counts = { running: 0, starting: 0, attention: 0, deleting: 0 }
  const page = createTop(order, limit + 1)
  for (const id of visible) {
    for (const bucket of fleet.namespaces(id)) {
      const { namespace } = bucket
      if (query.namespace !== undefined && query.namespace !== namespace) continue
      const sight = visibility.sight(id, namespace)
      if (!sight) continue
      const found = isSearch
        ? bucket.entries.filter(({ deployment }) => isCounted(deployment))
        : bucket.entries
      if (isSearch) for (const { status } of found) counts[status] += 1
      else addCounts(counts, bucket.counts)
      if (page.isComplete()) continue
      for (const entry of found) {
        if (hasStatus(entry.status)) page.offer(entry, sight.tail)
      }
    }
  }
  const shown = page.items.slice(0, limit)
  const last = page.items.length > limit ? shown.at(-1) : undefined
  const items = shown.map(({ entry, tail }) => entry.openJson + tail).join(',')
  const rest = {
    total:
      query.status === undefined
        ? counts.running + counts.starting + counts.attention + counts.deleting
        : counts[query.status],
    counts,
    next: last ? order.cursorAt(last.entry) : null,
    partial: visible.flatMap((id) => {
      const state = fleet.instanceState(id, query.namespace)
      // What the cluster did not say may be missing, whatever is known besides.
      const reason = unanswered(id)
      if (reason !== null) return [{ instance: id, reason }]
      if (state.synced) return []
      const { asOf } = state
      return [{ instance: id, reason: state.reason, ...(asOf !== undefined && { asOf }) }]
    }),
  } satisfies Omit<DeploymentList, 'items'>
  return `{"items":[${items}],${JSON.stringify(rest).slice(1)}`
}

/** The first `size` of what is offered, in order. */
function createTop(order: Order, size: number) {
  const items: { entry: FleetEntry; tail: string }[] = []
  return {
    items,
    /** Whether nothing that comes later can be among them. */
    isComplete: () => order.isOrderOfFleet && items.length === size,
    offer: (entry: FleetEntry, tail: string) => {
      if (!order.isAfterCursor(entry)) return
      const last = items.at(-1)
      if (items.length === size && last && order.compare(entry, last.entry) >= 0) return
      let low = 0
      let high = items.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if (order.compare(entry, items[middle]!.entry) < 0) high = middle
        else low = middle + 1
      }
      items.splice(low, 0, { entry, tail })
      if (items.length > size) items.pop()
    },
  }
}

function addCounts(to: Counts, from: Readonly<Counts>): void {
  to.running += from.running
  to.starting += from.starting
  to.attention += from.attention
  to.deleting += from.deleting
}

/**
 * The latest pages by who may see them and what was asked, each good for one version of the fleet. What is searched for
 * is hardly asked for twice, and by anybody in any number of ways: that is not kept.
 */
function createPageMemory() {
  const ids = new WeakMap<Visibility, number>()
  const pages = createBoundedCache<{ version: number; body: KeptJson<DeploymentList> }>(remembered)
  let nextId = 0
  return (
    visibility: Visibility,
    query: DeploymentsQuery,
    version: number,
    build: () => KeptJson<DeploymentList>,
  ): KeptJson<DeploymentList> => {
    const { cursor, instance, limit, namespace, q, sort, status } = query
    if (q !== undefined && q !== '') return build()
    let id = ids.get(visibility)
    if (id === undefined) ids.set(visibility, (id = nextId++))
    const key = JSON.stringify([id, instance, namespace, status, sort, limit, cursor])
    const known = pages.get(key)
    if (known?.version === version) return known.body
    const body = build()
    // With its compressed forms, which are made when somebody wants them.
    pages.set(key, { version, body }, body.bytes.byteLength * 2)
    return body
  }
}
