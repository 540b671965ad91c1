/** How long the hub waits for its database, in milliseconds; all but the first of PostgreSQL. */
export type Patience = {
  /** For its turn, or for one of the connections that it has. */
  queueMs: number
  /** For a new one, over all hosts. */
  connectMs: number
  /** How long the server waits for a row that another holds. */
  lockMs: number
  /** And works on a statement: it gives up before the hub does, which then knows that nothing was done. */
  statementMs: number
  /** How long the server may be silent. */
  silenceMs: number
  /** How often the connection on which changes are heard has to show that it is there. */
  heartbeatMs: number
}

export const usualPatience: Patience = {
  queueMs: 5_000,
  connectMs: 8_000,
  lockMs: 8_000,
  statementMs: 9_000,
  silenceMs: 10_000,
  heartbeatMs: 5_000,
}
