/** What a request with an `Idempotency-Key` knows of the tries before it. */
export type Repeat = {
  /** Their request ids: what they may have made says by which it was made. */
  readonly earlier: readonly string[]
  /** What is done of it, by names that the operation gives. */
  readonly done: ReadonlyMap<string, unknown>
  /** Keeps that something is done. Throws what the database says. */
  keep(name: string, outcome: unknown): Promise<void>
  /** It goes on no more; another try may. Never throws. */
  release(): Promise<void>
}
