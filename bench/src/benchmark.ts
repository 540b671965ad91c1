/** What one benchmark found; the last line of its output, as JSON. */
type Result = {
  bench: string
  what: string
  peer: string
  unit: string
  /** The median of the rounds. */
  value: number
  /** The lowest and the highest round. */
  range: [number, number]
  goal: string
  holds: boolean
}

export type Benchmark = {
  id: string
  /** Measures and says what it does on the way. Throws when it cannot measure. */
  run(world: World): Promise<Result>
}

/** What every benchmark starts, it ends: `defer` runs backwards when the benchmark is over, however it ended. */
export type World = {
  assets: string
  /** A folder of its own, removed at the end. */
  folder: string
  say(message: string): void
  defer(undo: () => unknown): void
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Nearest rank; `rank` in [0, 1]. */
export function percentile(values: readonly number[], rank: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(rank * sorted.length) - 1))]!
}

export function round(value: number): number {
  return Number(value.toPrecision(4))
}

/** Median and range of the rounds, rounded for people. */
export function summarize(rounds: readonly number[]): { value: number; range: [number, number] } {
  return {
    value: round(median(rounds)),
    range: [round(Math.min(...rounds)), round(Math.max(...rounds))],
  }
}
