import { metricNames, type MetricName } from '@hub/shared'
import { isRecord } from '#kube'
import { engineNames } from '../metrics/engine-names.ts'

/** What a Prometheus has of a deployment, by moment, oldest first; NaN where it has nothing. */
export type RangeReading = {
  engine: string | null
  /** Milliseconds since the epoch. */
  at: readonly number[]
  columns: ReadonlyMap<MetricName, readonly number[]>
}

export type Range = { startSeconds: number; endSeconds: number; stepSeconds: number }

/** An answer to what `writeQuery` asked, of the first engine that tells anything; a sentence where it is none. */
export function readMatrix(text: string, range: Range): RangeReading | { fault: string } {
  const result = findResult(text)
  if (result === null) return { fault: 'What it answered is not the API of a Prometheus.' }
  const { endSeconds, startSeconds, stepSeconds } = range
  const count = Math.floor((endSeconds - startSeconds) / stepSeconds) + 1
  const at = Array.from(
    { length: count },
    (_, index) => (startSeconds + index * stepSeconds) * 1000,
  )
  const byEngine = new Map<string, Map<MetricName, number[]>>()
  for (const series of result) {
    const read = readSeries(series, { ...range, count })
    if (!read) continue
    const columns = byEngine.get(read.engine) ?? new Map<MetricName, number[]>()
    columns.set(read.metric, read.values)
    byEngine.set(read.engine, columns)
  }
  const speaker = engineNames.find(({ engine }) => byEngine.has(engine))?.engine ?? null
  return { engine: speaker, at, columns: byEngine.get(speaker ?? '') ?? new Map() }
}

function findResult(text: string): unknown[] | null {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return null
  }
  if (!isRecord(answer) || answer['status'] !== 'success' || !isRecord(answer['data'])) return null
  const { result, resultType } = answer['data']
  return resultType === 'matrix' && Array.isArray(result) ? result : null
}

function readSeries(
  series: unknown,
  { count, startSeconds, stepSeconds }: Range & { count: number },
): { engine: string; metric: MetricName; values: number[] } | null {
  if (!isRecord(series) || !isRecord(series['metric']) || !Array.isArray(series['values'])) {
    return null
  }
  const { engine, metric } = series['metric']
  const name = metricNames.find((each) => each === metric)
  if (typeof engine !== 'string' || name === undefined) return null
  const values = Array.from({ length: count }, () => NaN)
  let isKnown = false
  for (const pair of series['values'] as unknown[]) {
    if (!Array.isArray(pair) || typeof pair[0] !== 'number') continue
    const index = Math.round((pair[0] - startSeconds) / stepSeconds)
    const value = typeof pair[1] === 'string' && pair[1] !== '' ? Number(pair[1]) : NaN
    if (index < 0 || index >= count || !Number.isFinite(value) || value < 0) continue
    values[index] = value
    isKnown = true
  }
  return isKnown ? { engine, metric: name, values } : null
}
