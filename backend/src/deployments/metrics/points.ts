import { metricNames, type MetricName } from '@hub/shared'
import type { MetricPoint } from '#serving'

/** The latest moments of one deployment, in so much memory and no more. */
export type Points = {
  add(at: number, point: MetricPoint): void
  /** When the latest was taken; null before there is one. */
  latestAt(): number | null
  /** Those since a moment, oldest first, as columns; NaN where a value is not known. */
  since(from: number): { at: number[]; columns: ReadonlyMap<MetricName, number[]> }
}

/** Two hours in steps of 15 s, with room for where they are interrupted. */
const momentsMax = 512
const width = metricNames.length

export function createPoints(): Points {
  const times = new Float64Array(momentsMax)
  const values = new Float32Array(momentsMax * width)
  let count = 0
  const slot = (index: number) => index % momentsMax
  return {
    add: (at, point) => {
      const place = slot(count)
      times[place] = at
      for (const [column, name] of metricNames.entries()) {
        values[place * width + column] = point[name] ?? NaN
      }
      count += 1
    },
    latestAt: () => (count === 0 ? null : times[slot(count - 1)]!),
    since: (from) => {
      const kept: number[] = []
      for (let index = Math.max(0, count - momentsMax); index < count; index += 1) {
        if (times[slot(index)]! >= from) kept.push(slot(index))
      }
      const columns = metricNames.map((name, column) => {
        return [name, kept.map((place) => values[place * width + column]!)] as const
      })
      return { at: kept.map((place) => times[place]!), columns: new Map(columns) }
    },
  }
}
