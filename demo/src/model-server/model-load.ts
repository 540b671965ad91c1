/** How many observations were at most so long, by the bounds of `bounds`, and how long all took together. */
export type Histogram = { bounds: readonly number[]; counts: number[]; sum: number; count: number }

/** What a pretend model has done. */
export type ModelLoad = {
  /** Seconds since the epoch. */
  startedAt: number
  running: number
  waiting: number
  /** By why they ended. */
  finished: Record<'stop' | 'length' | 'abort', number>
  promptTokens: number
  generatedTokens: number
  prefixQueries: number
  prefixHits: number
  firstToken: Histogram
  interToken: Histogram
  whole: Histogram
}

// vLLM's own bounds.
const firstTokenBounds = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5,
]
const interTokenBounds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]
const wholeBounds = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120]

export function createModelLoad(): ModelLoad {
  return {
    startedAt: Date.now() / 1000,
    running: 0,
    waiting: 0,
    finished: { stop: 0, length: 0, abort: 0 },
    promptTokens: 0,
    generatedTokens: 0,
    prefixQueries: 0,
    prefixHits: 0,
    firstToken: createHistogram(firstTokenBounds),
    interToken: createHistogram(interTokenBounds),
    whole: createHistogram(wholeBounds),
  }
}

/** `times` observations of the same length. */
export function observe(histogram: Histogram, seconds: number, times = 1): void {
  const { bounds, counts } = histogram
  for (const [index, bound] of bounds.entries()) if (seconds <= bound) counts[index]! += times
  histogram.sum += seconds * times
  histogram.count += times
}

function createHistogram(bounds: readonly number[]): Histogram {
  return { bounds, counts: bounds.map(() => 0), sum: 0, count: 0 }
}
