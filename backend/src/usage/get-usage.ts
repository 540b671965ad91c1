import type { Usage, UsageItem, UsageKey, UsageQuery, UsageSums } from '@hub/shared'
import { findTeamNames, type Configured, type FindNames } from '#access'
import type { RequestContext } from '#context'
import { findPerson } from '#people'
import { authorize, hubWide, requireCaller } from '#rbac'
import { readRange, type UsageRange } from './read-range.ts'
import { sumByKey, sumByTime, type StoredSums, type UsageFilter } from './store.ts'

export type UsageDeps = { findNames: FindNames; configured: Configured }

/** So many have a series of their own. */
const itemsMax = 50

/**
 * What the caller used, or everybody for administrators. Throws what `authorize` throws, and `invalid-request` for a time
 * that is none.
 */
export async function getUsage(
  ctx: RequestContext,
  deps: UsageDeps,
  query: Omit<UsageQuery, 'format'>,
): Promise<Usage> {
  const { by } = query
  const range = readRange(query, ctx.now())
  const filter = await readFilter(ctx, query.who, range)
  const all = await sumByKey(ctx.db, filter, by)
  const shown = all.slice(0, itemsMax)
  const keys = shown.map(({ key }) => key)
  const [labels, byTime] = await Promise.all([
    findLabels(ctx, deps, by, keys),
    sumByTime(ctx.db, filter, { by, every: range.every, keys }),
  ])
  const series = Map.groupBy(byTime, ({ key }) => key)
  return {
    from: range.from.toISOString(),
    to: range.to.toISOString(),
    every: range.every,
    by,
    at: range.at.map((time) => time.toISOString()),
    total: presentSums(all.reduce(addSums, nothing)),
    items: shown.map(({ key, ...sums }) => ({
      key,
      label: labels(key),
      ...presentSums(sums),
      series: presentSeries(series.get(key) ?? [], range),
    })),
    more: all.length - shown.length,
  }
}

async function readFilter(
  ctx: RequestContext,
  who: UsageQuery['who'],
  { from, to }: UsageRange,
): Promise<UsageFilter> {
  if (who === 'all') {
    authorize(ctx, 'audit.view', hubWide)
    return { from, to, principals: null }
  }
  const caller = requireCaller(ctx.actor)
  const person = caller.type === 'user' ? await findPerson(ctx.db, caller.userId) : null
  const known = person?.identities.map(({ principal }) => principal) ?? []
  return { from, to, principals: [...new Set([caller.principal, ...known])] }
}

async function findLabels(
  ctx: RequestContext,
  { configured, findNames }: UsageDeps,
  by: UsageKey,
  keys: readonly string[],
): Promise<(key: string) => string> {
  if (by === 'caller') {
    const names = await findNames(ctx, keys)
    return (key) => names.get(key) ?? (key === '' ? 'Made past the hub' : key)
  }
  if (by === 'team') {
    const names = await findTeamNames(ctx.db, configured, keys)
    return (key) => names.get(key) ?? (key === '' ? 'By no group' : key)
  }
  if (by === 'model') return (key) => (key === '' ? 'No such model' : key)
  return (key) => key.replace(/\/$/, '')
}

const nothing: StoredSums = {
  requests: 0,
  errors: 0,
  promptTokens: 0,
  completionTokens: 0,
  firstByteMs: 0,
  firstBytes: 0,
  gpuSeconds: 0,
}

function addSums(left: StoredSums, right: StoredSums): StoredSums {
  return {
    requests: left.requests + right.requests,
    errors: left.errors + right.errors,
    promptTokens: left.promptTokens + right.promptTokens,
    completionTokens: left.completionTokens + right.completionTokens,
    firstByteMs: left.firstByteMs + right.firstByteMs,
    firstBytes: left.firstBytes + right.firstBytes,
    gpuSeconds: left.gpuSeconds + right.gpuSeconds,
  }
}

function presentSums(sums: StoredSums): UsageSums {
  const { completionTokens, errors, firstByteMs, firstBytes, gpuSeconds, promptTokens, requests } =
    sums
  return {
    requests,
    errors,
    promptTokens,
    completionTokens,
    firstByteMs: firstBytes === 0 ? null : round(firstByteMs / firstBytes),
    gpuHours: round(gpuSeconds / 3600),
  }
}

function presentSeries(
  rows: readonly (StoredSums & { at: Date | string })[],
  { at }: UsageRange,
): UsageItem['series'] {
  const found = new Map(rows.map((row) => [new Date(row.at).getTime(), row]))
  const each = at.map((time) => found.get(time.getTime()) ?? nothing)
  return {
    requests: each.map(({ requests }) => requests),
    tokens: each.map(({ completionTokens, promptTokens }) => promptTokens + completionTokens),
    gpuHours: each.map(({ gpuSeconds }) => round(gpuSeconds / 3600)),
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
