/** Lines over time: a value of each series per moment, null where it is not known. */
export interface ChartData {
  /** Milliseconds since the epoch, ascending. */
  at: readonly number[]
  series: readonly {
    name: string
    /** A colour of the theme: `var(--hub-tone-busy)`. */
    color: string
    values: readonly (number | null)[]
  }[]
  /** How long its scale is at least, up to the last moment; without, it begins with the first. */
  spanMs?: number
  /** How a value is written: with its unit. Without, as it is. */
  format?: (value: number) => string
  /** Up to where the scale goes at least; without, to 1. */
  atLeast?: number
}

/** At most so many moments, evenly spaced and with the last: what a table shows of a chart. */
export function thinOut(data: ChartData, most: number): ChartData {
  const { length } = data.at
  if (length <= most) return data
  const step = (length - 1) / (most - 1)
  const kept = Array.from({ length: most }, (_, index) => Math.round(index * step))
  const keep = <Value>(values: readonly Value[]) => kept.map((index) => values[index]!)
  return {
    ...data,
    at: keep(data.at),
    series: data.series.map((series) => ({ ...series, values: keep(series.values) })),
  }
}
