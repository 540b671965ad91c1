import type { Lease } from '#db'

/** What a round of a job is told. */
export type JobRound = {
  /** Aborts when the hub stops, and when a lease is lost. */
  signal: AbortSignal
  /** Of a job that one hub does at a time: its writes check it. */
  lease: Lease | null
}

/** Work in the background, which a module exports and the hub runs. */
export type Job = {
  /** `<module>.<what>`, for logs and metrics. */
  name: string
  everySeconds: number
  /** Waits so long before its first round, which otherwise begins at once. */
  firstWaitSeconds?: number
  /** How much of each wait, the first one too, is left to chance, from 0 to 1: replicas that started together do not work together. */
  jitter?: number
  /** Done by one hub on the database at a time; the others pass their rounds over. */
  isLeased?: true
  /** The sentence that is logged when a round fails. */
  failure: string
  run(round: JobRound): Promise<void>
}
