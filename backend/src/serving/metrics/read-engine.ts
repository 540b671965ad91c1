import {
  engineNames,
  nameOf,
  processStart,
  type Counter,
  type Distribution,
  type EngineNames,
  type Gauge,
  type Source,
} from './engine-names.ts'
import type { Exposition, Sample } from './parse-exposition.ts'

/** How many observations were at most so long, by bound, ascending; the last bound is infinite. */
export type Buckets = readonly { bound: number; count: number }[]

/** What one scrape told, in the words of no engine. What it did not tell is left out. */
export type Reading = {
  engine: string
  /** Which process answered; null where it does not say. */
  process: string | null
  gauges: Partial<Record<Gauge, number>>
  counters: Partial<Record<Counter, number>>
  distributions: Partial<Record<Distribution, Buckets>>
}

/** Null where no engine that is known speaks. */
export function readEngine(samples: Exposition): Reading | null {
  for (const names of engineNames) {
    const reading = readAs(names, samples)
    const isHeard = [reading.gauges, reading.counters, reading.distributions].some(
      (part) => Object.keys(part).length > 0,
    )
    if (isHeard) return reading
  }
  return null
}

function readAs({ counters, distributions, engine, gauges }: EngineNames, samples: Exposition) {
  const start = samples.get(processStart)?.[0]?.value
  return {
    engine,
    process: start === undefined ? null : String(start),
    gauges: readEach(gauges, (sources: readonly Source[], name) => {
      const found = find(sources, samples)
      // Of several schedulers the fullest says whether there is room.
      return name === 'kvCacheUse' || name === 'prefixHitRate'
        ? found && Math.min(1, Math.max(...found))
        : found && sum(found)
    }),
    counters: readEach(counters, (sources: readonly Source[]) => {
      const found = find(sources, samples)
      return found && sum(found)
    }),
    distributions: readEach(distributions, (names: readonly string[]) => {
      const found = names.map((name) => samples.get(`${name}_bucket`)).find((each) => each)
      return found && readBuckets(found)
    }),
  } satisfies Reading
}

function readEach<Name extends string, From, To>(
  from: Partial<Record<Name, From>>,
  read: (of: From, name: Name) => To | undefined,
): Partial<Record<Name, To>> {
  const entries = Object.entries(from) as [Name, From][]
  return Object.fromEntries(
    entries.map(([name, of]) => [name, read(of, name)]).filter(([, value]) => value !== undefined),
  ) as Partial<Record<Name, To>>
}

/** The values of the first name that is there; none of its series may count. */
function find(sources: readonly Source[], samples: Exposition): number[] | undefined {
  for (const source of sources) {
    const found = samples.get(nameOf(source))?.filter(({ value }) => value >= 0)
    if (!found || found.length === 0) continue
    const counted =
      typeof source === 'string' ? found : found.filter(({ labels }) => isOf(source.where, labels))
    if (counted.length === 0 && isGauge(source)) continue
    return counted.map(({ value }) => value)
  }
  return undefined
}

function isOf(
  { label, values }: Exclude<Source, string>['where'],
  labels: Sample['labels'],
): boolean {
  return values.includes(labels.get(label) ?? '')
}

/** A counter of which no series counts is at nothing; a gauge is not known. */
function isGauge(source: Source): boolean {
  return !nameOf(source).endsWith('_total')
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}

/** Those of all series together; undefined where they have no end. */
function readBuckets(samples: readonly Sample[]): Buckets | undefined {
  const counts = new Map<number, number>()
  for (const { labels, value } of samples) {
    const le = labels.get('le') ?? ''
    const bound = le === '+Inf' ? Infinity : le === '' ? NaN : Number(le)
    if (Number.isNaN(bound) || value < 0) continue
    counts.set(bound, (counts.get(bound) ?? 0) + value)
  }
  if (!counts.has(Infinity)) return undefined
  return [...counts]
    .map(([bound, count]) => ({ bound, count }))
    .toSorted((a, b) => a.bound - b.bound)
}
