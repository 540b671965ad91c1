import type { AuditFilter } from '@hub/shared'
import type { Reader } from '#db'
import type { AuditRow } from './rows.ts'
import { findFirstSeq, findLastSeq, findOccurredAt, findSeqAt, findWithin } from './store.ts'

/** How many rows of the log a page is looked for in; then it says how far it got. */
const searchedMax = 100_000
/** How many a statement looks at: as many as it may at first, and then as it took its time. */
const stepMin = 250
const stepFirst = 500
const stepMax = 64_000
const stepShortMs = 2
const stepLongMs = 5
/** Rows have the time of who wrote them: by so much the clocks of replicas may differ, or have been set back. */
const clocksDifferMs = 24 * 60 * 60 * 1000

export type FoundPage = {
  rows: AuditRow[]
  /** Where the search was left off before the page was full and the log at its end. */
  reached: { seq: number; occurredAt: Date | null } | null
}

/** The rows that match, newest first, from before `before` on. No statement looks at all of a long log. */
export async function findPage(
  db: Reader,
  filter: AuditFilter,
  { before, limit }: { before: number | null; limit: number },
): Promise<FoundPage> {
  const bounds = await findBounds(db, filter, { above: 0, below: before ?? Infinity })
  const rows: AuditRow[] = []
  const step = createStep(filter)
  let { below } = bounds
  while (rows.length < limit && below - 1 > bounds.above) {
    if (bounds.below - below >= searchedMax) {
      return { rows, reached: { seq: below, occurredAt: await findOccurredAt(db, below) } }
    }
    const above = Math.max(bounds.above, below - 1 - step.size())
    const part = { above, below, order: 'newest', limit: limit - rows.length } as const
    rows.push(...(await step.take(() => findWithin(db, filter, part))))
    below = above + 1
  }
  return { rows, reached: null }
}

/** The rows that match after one and up to another, oldest first; fewer than `limit` only where there are no more. */
export async function findRowsAfter(
  db: Reader,
  filter: AuditFilter,
  { after, limit, upTo }: { after: number; upTo?: number; limit: number },
): Promise<AuditRow[]> {
  const bounds = await findBounds(db, filter, { above: after, below: (upTo ?? Infinity) + 1 })
  const rows: AuditRow[] = []
  const step = createStep(filter)
  let { above } = bounds
  while (rows.length < limit && above + 1 < bounds.below) {
    const below = Math.min(bounds.below, above + 1 + step.size())
    const part = { above, below, order: 'oldest', limit: limit - rows.length } as const
    rows.push(...(await step.take(() => findWithin(db, filter, part))))
    above = below - 1
  }
  return rows
}

/** The part of the log that can hold a match: its ends, and about what times are asked for. */
async function findBounds(
  db: Reader,
  { from, to }: AuditFilter,
  asked: { above: number; below: number },
): Promise<{ above: number; below: number }> {
  let above = Math.max(asked.above, (await findFirstSeq(db)) - 1)
  let below = Math.min(asked.below, (await findLastSeq(db)) + 1)
  if (from !== undefined) {
    const early = new Date(new Date(from).getTime() - clocksDifferMs)
    const first = await findSeqAt(db, { from: early })
    above = first === null ? below : Math.max(above, first - 1)
  }
  if (to !== undefined) {
    const late = new Date(new Date(to).getTime() + clocksDifferMs)
    const last = await findSeqAt(db, { to: late })
    below = last === null ? above : Math.min(below, last + 1)
  }
  return { above, below }
}

/** What an index answers alone needs no steps: as many rows are looked at as are found. */
function isIndexed({ action, actor, from, instance, outcome, q, requestId, to }: AuditFilter) {
  const named = [action, actor, instance, outcome, requestId].filter((each) => each !== undefined)
  return named.length <= 1 && q === undefined && from === undefined && to === undefined
}

function createStep(filter: AuditFilter) {
  let size = isIndexed(filter) ? Infinity : stepFirst
  return {
    size: () => size,
    take: async <T>(find: () => Promise<T>): Promise<T> => {
      const startedAt = performance.now()
      const found = await find()
      const tookMs = performance.now() - startedAt
      if (tookMs < stepShortMs) size = Math.max(size, Math.min(size * 2, stepMax))
      else if (tookMs > stepLongMs) size = Math.max(stepMin, Math.floor(size / 2))
      return found
    },
  }
}
