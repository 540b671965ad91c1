import { digestOf } from '#secrets'
import type { UsageRow } from './store.ts'

/** What is counted apart. */
type Counted = Pick<
  UsageRow,
  'principal' | 'team' | 'instance' | 'namespace' | 'deployment' | 'model'
>

type Amounts = Pick<
  UsageRow,
  | 'requests'
  | 'errors'
  | 'promptTokens'
  | 'completionTokens'
  | 'firstByteMs'
  | 'firstBytes'
  | 'gpuSeconds'
>

/** What was counted and is not written yet. */
export type Counts = {
  add(of: Counted, at: Date, amounts: Partial<Amounts>): void
  /** All of it, which is none of it any more. */
  takeAll(): UsageRow[]
  /** Again, because it could not be written. */
  putBack(rows: readonly UsageRow[]): void
  size(): number
}

const textMax = 300
const hourMs = 3_600_000
const none: Amounts = {
  requests: 0,
  errors: 0,
  promptTokens: 0,
  completionTokens: 0,
  firstByteMs: 0,
  firstBytes: 0,
  gpuSeconds: 0,
}

export function createCounts(): Counts {
  let rows = new Map<string, UsageRow>()
  /** By what is counted as it came, so that the id of a row is worked out once. */
  let byCounted = new Map<string, UsageRow>()
  const merge = (key: string, row: UsageRow) => {
    const known = rows.get(key)
    if (!known) return void rows.set(key, row)
    addTo(known, row)
  }
  return {
    add: (of, at, amounts) => {
      const { deployment, instance, model, namespace, principal, team } = of
      const hour = Math.floor(at.getTime() / hourMs)
      const counted = JSON.stringify([
        hour,
        principal,
        team,
        instance,
        namespace,
        deployment,
        model,
      ])
      const known = byCounted.get(counted)
      if (known) return addTo(known, amounts)
      const row = toRow(of, at, amounts)
      merge(row.id, row)
      byCounted.set(counted, rows.get(row.id)!)
    },
    takeAll: () => {
      const all = [...rows.values()]
      rows = new Map()
      byCounted = new Map()
      return all
    },
    putBack: (given) => {
      for (const row of given) merge(row.id, row)
    },
    size: () => rows.size,
  }
}

function addTo(row: UsageRow, amounts: Partial<Amounts>): void {
  for (const name of Object.keys(none) as (keyof Amounts)[]) row[name] += amounts[name] ?? 0
}

export function toRow(of: Counted, at: Date, amounts: Partial<Amounts>): UsageRow {
  const hour = new Date(Math.floor(at.getTime() / hourMs) * hourMs)
  const counted: Counted = {
    principal: clip(of.principal),
    team: clip(of.team),
    instance: clip(of.instance),
    namespace: clip(of.namespace),
    deployment: clip(of.deployment),
    model: clip(of.model),
  }
  const day = hour.toISOString().slice(0, 10)
  const id = digestOf(JSON.stringify([hour, ...Object.values(counted)]))
  return { id, hour, day, ...counted, ...none, ...amounts }
}

/** PostgreSQL takes neither a NUL nor half a character. */
function clip<T extends string | null>(value: T): T {
  if (value === null) return value
  return value.slice(0, textMax).replaceAll('\0', '').toWellFormed() as T
}
