/** How long each step takes, in milliseconds. */
export type Timeline = {
  /** A new or changed ModelDeployment until the core controller has looked at it. */
  selectMs: number
  /** Selected until the provider has created its pods. */
  deployMs: number
  /** A pod's creation until it is bound to a node. */
  scheduleMs: number
  /** Bound until the container runs: pulling the image. */
  pullMs: number
  /** Running until ready: loading the model. */
  loadMs: number
  /** At least this long between two pods of one deployment becoming ready. */
  staggerMs: number
  /** A pod's readiness until the ModelDeployment says so: the provider's next sync. */
  syncMs: number
  /** A pod's deletion until it is gone. */
  terminateMs: number
  /** Between two heartbeats of an InferenceProviderConfig. */
  heartbeatMs: number
}

/** Watchable: about eight seconds from creation to Running. */
export const demoTimeline: Timeline = {
  selectMs: 400,
  deployMs: 1_200,
  scheduleMs: 500,
  pullMs: 1_800,
  loadMs: 3_000,
  staggerMs: 1_000,
  syncMs: 700,
  terminateMs: 1_500,
  heartbeatMs: 60_000,
}

/** For tests: everything within about a tenth of a second. */
export const fastTimeline: Timeline = {
  selectMs: 10,
  deployMs: 20,
  scheduleMs: 10,
  pullMs: 20,
  loadMs: 20,
  staggerMs: 10,
  syncMs: 10,
  terminateMs: 20,
  heartbeatMs: 1_000,
}
