import type { FleetDeployment } from '#fleet'
import { compareReadings, type Reading, type Scrape } from '#serving'
import { createPoints, type Points } from './points.ts'

/** What is known of one deployment, scrape by scrape. */
export type FollowedModel = {
  uid: string
  points: Points
  engine: string | null
  /** When the first and the latest scrape succeeded, by the clock. */
  since: number | null
  latestAt: number | null
  fault: string | null
  /** How many pods stood behind its Service, and whether they can be told apart. */
  pods: number
  isOneOfMany: boolean
  take(scrape: Scrape, deployment: FleetDeployment, when: { at: number; elapsedMs: number }): void
}

/** Of so many processes the last reading is kept: one answers each scrape. */
const processesMax = 32
/** What is older is not compared: the chart has a gap there. */
const comparableMs = 3 * 60_000
/** Longer than between two readings of the whole fleet. */
const gapMs = 100_000

export function followModel(uid: string): FollowedModel {
  const readings = new Map<string, { reading: Reading; elapsedMs: number }>()
  const model: FollowedModel = {
    uid,
    points: createPoints(),
    engine: null,
    since: null,
    latestAt: null,
    fault: null,
    pods: 0,
    isOneOfMany: false,
    take: (scrape, deployment, { at, elapsedMs }) => {
      model.pods = deployment.replicas.running ?? deployment.replicas.ready
      const last = model.points.latestAt()
      // A line is not drawn over what nobody looked at.
      if (last !== null && at - last > gapMs) model.points.add(last + 1, {})
      if ('fault' in scrape) {
        model.fault = scrape.fault
        return model.points.add(at, {})
      }
      const { reading } = scrape
      const key = reading.process ?? ''
      const before = readings.get(key)
      // Of several processes that cannot be told apart, what came between two answers is nobody's.
      model.isOneOfMany = model.pods > 1 && reading.process === null
      const isComparable =
        before && !model.isOneOfMany && elapsedMs - before.elapsedMs < comparableMs
      const seconds = before ? (elapsedMs - before.elapsedMs) / 1000 : 0
      model.points.add(at, compareReadings(reading, isComparable ? before.reading : null, seconds))
      readings.delete(key)
      readings.set(key, { reading, elapsedMs })
      if (readings.size > processesMax) readings.delete(readings.keys().next().value!)
      model.engine = reading.engine
      model.since ??= at
      model.latestAt = at
      model.fault = null
      return undefined
    },
  }
  return model
}
