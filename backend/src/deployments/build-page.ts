import type { DeploymentList, DeploymentsQuery } from '@hub/shared'
import type { SyncState, Visibility } from '#fleet'
import { createOrder, type Order } from './deployment-order.ts'
import { findCuts } from './find-cuts.ts'
import type { Listed } from './find-matches.ts'
import { afterCursor, createTop, mergeFirst, type Choose, type Found } from './find-first.ts'
import {
  addCounts,
  countOf,
  namespacesOf,
  noCounts,
  type Counts,
  type CountVisible,
} from './visible-counts.ts'

const limitDefault = 100

export type PageOptions = {
  /** Of a search, what it finds. */
  listed: Listed
  /** The instances to look at, sorted. */
  visible: readonly string[]
  visibility: Visibility
  query: DeploymentsQuery
  /** Of what is `listed`. */
  countVisible: CountVisible
}

export type PartialOptions = {
  syncOf: (id: string, namespace: string | undefined) => SyncState
  /** Why an instance did not say what the caller may see there. */
  unanswered: (id: string) => string | null
}

/** Who is in a page, and what is said of the list beside; good as long as everybody stays in their place. */
export type FoundPage = {
  shown: readonly Found[]
  rest: Omit<DeploymentList, 'items' | 'partial'>
}

/** Throws `invalid-request` for a cursor of another list. */
export function findPage(options: PageOptions): FoundPage {
  const { query } = options
  const { limit = limitDefault, offset = 0 } = query
  const order = createOrder(query.sort, query.cursor)
  const find = offset > 0 ? findAt : pick
  const { counts, found } = find(options, order, limit + 1)
  const shown = found.slice(0, limit)
  const last = found.length > limit ? shown.at(-1) : undefined
  return {
    shown,
    rest: {
      total: countOf(counts, query.status),
      counts,
      next: last ? order.cursorAt(last.entry) : null,
    },
  }
}

/** The page as JSON, of each deployment what is known now. */
export function writePage({ rest, shown }: FoundPage, partial: DeploymentList['partial']): string {
  const items = shown.map(({ entry, tail }) => entry.openJson + tail).join(',')
  return `{"items":[${items}],${JSON.stringify({ ...rest, partial }).slice(1)}`
}

type Result = { counts: Counts; found: Found[] }

/** What is counted tells where to look. */
function pick(options: PageOptions, order: Order, size: number): Result {
  const { countVisible, listed, query, visibility, visible } = options
  const { namespace, status } = query
  const counts = noCounts()
  const holding: string[] = []
  for (const id of visible) {
    const there = countVisible(visibility, id, namespace)
    addCounts(counts, there)
    if (countOf(there, status) > 0) holding.push(id)
  }
  const wanted = countOf(counts, status)
  const among = holding.reduce((sum, id) => sum + listed.ordered(id, order.field).length, 0)
  // To read what is in order until each list has its first and the page is full takes about (lists + size) × among / wanted; to
  // put in order what is wanted, that.
  if (wanted * wanted <= (holding.length + size) * among) {
    return { counts, found: collect(options, order, size) }
  }
  const choose = createChoose(options)
  const lists = holding.map((id) => listed.ordered(id, order.field))
  return { counts, found: mergeFirst(lists, afterCursor(order), { choose, order, size }) }
}

/** What stands at a place of the list is looked for in lists of what is in it, one of each instance. */
function findAt(options: PageOptions, order: Order, size: number): Result {
  const { countVisible, listed, query, visibility, visible } = options
  const counts = noCounts()
  const choose = createChoose(options)
  const lists = visible.map((id) => {
    const there = listed.ordered(id, order.field)
    const seen = countVisible(visibility, id, query.namespace)
    addCounts(counts, seen)
    // All of it, as for whoever sees everything.
    const isAll = query.status === undefined && countOf(seen) === there.length
    return isAll ? there : there.filter((entry) => choose(entry) !== null)
  })
  const total = lists.reduce((sum, { length }) => sum + length, 0)
  const offset = Math.min(query.offset ?? 0, total)
  const ascending: typeof order.compare = order.isDescending
    ? (a, b) => order.compare(b, a)
    : order.compare
  const cuts = findCuts(lists, ascending, order.isDescending ? total - offset : offset)
  const begin = (_: unknown, list: number) => cuts[list]! - (order.isDescending ? 1 : 0)
  return { counts, found: mergeFirst(lists, begin, { choose, order, size }) }
}

/** What is rare is looked for where it is. */
function collect(options: PageOptions, order: Order, size: number): Found[] {
  const { listed, query, visibility, visible } = options
  const { namespace: asked, status } = query
  const top = createTop(order, size)
  for (const id of visible) {
    for (const { counts, entries, namespace } of namespacesOf(listed, id, asked)) {
      if (countOf(counts, status) === 0) continue
      const sight = visibility.sight(id, namespace)
      if (!sight) continue
      for (const entry of entries) {
        if (status === undefined || entry.status === status) top.offer(entry, sight.tail)
      }
    }
  }
  return top.items
}

function createChoose({ query, visibility }: PageOptions): Choose {
  const { namespace, status } = query
  return ({ deployment, status: of }) => {
    if (status !== undefined && of !== status) return null
    if (namespace !== undefined && deployment.namespace !== namespace) return null
    return visibility.sight(deployment.instance, deployment.namespace)?.tail ?? null
  }
}

/** Of which instances something may be missing, and why. */
export function describePartial({
  query,
  syncOf,
  unanswered,
  visible,
}: Pick<PageOptions, 'query' | 'visible'> & PartialOptions): DeploymentList['partial'] {
  return visible.flatMap((id): DeploymentList['partial'] => {
    // What the cluster did not say may be missing, whatever is known besides.
    const reason = unanswered(id)
    if (reason !== null) return [{ instance: id, reason }]
    const state = syncOf(id, query.namespace)
    if (state.synced) return []
    return [{ instance: id, reason: state.reason, asOf: state.asOf }]
  })
}
