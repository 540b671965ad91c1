/** What other processes have to hear of. `all` is told where it is not known what was missed: everything may be another. */
export type Change = {
  topic:
    | 'user'
    | 'session'
    | 'token'
    | 'grants'
    | 'service-principal'
    | 'access-request'
    | 'instance-policy'
    | 'maintenance'
    | 'template'
    | 'confirmation'
    | 'all'
  /** The id of what changed; of an access request whose it is, of a policy or maintenance its instance. */
  subject: string
}

export type ChangeFeed = {
  /** Something was written, here or elsewhere: reads at once instead of at the next poll. */
  wake(): void
  /** Rows that this process wrote, the moment they are durable: nobody here acts on what was before them. */
  tell(changes: readonly NumberedChange[]): void
  subscribe(listener: (change: Change) => void): () => void
  /** What was durable at this moment of `performance.now()` has been told; `-Infinity` before the beginning. */
  heardAt(): number
  close(): Promise<void>
}

/** A row of the table `changes`, numbered in the order of the commits. */
export type NumberedChange = Change & { seq: number }

const pollMs = 1_000

/**
 * Tells of every row of the table `changes` once: within a moment when woken, else within a second. It begins with `all`.
 */
export function createChangeFeed(options: {
  /** Rows after `seq`, in order, and none only where there are none. */
  read: (seq: number) => Promise<NumberedChange[]>
  /** The highest number there is; 0 for none. */
  last: () => Promise<number>
  /** The lowest number there is; null for none. */
  first: () => Promise<number | null>
  pollMs?: number
}): ChangeFeed {
  const listeners = new Set<(change: Change) => void>()
  let cursor: number | null = null
  let heardAt = Number.NEGATIVE_INFINITY
  /** Told by who wrote them; the feed has not read them yet. */
  const toldEarly = new Set<number>()
  let running: Promise<void> | null = null
  let again = false
  let closed = false

  const tell = (change: Change) => {
    for (const listener of listeners) listener(change)
  }

  const begin = async () => {
    cursor = await options.last()
    // Whatever was read before this moment may be older than the first row that is told.
    tell({ topic: 'all', subject: '' })
  }

  const readOn = async (from: number) => {
    let rows = await options.read(from)
    const first = await options.first()
    // What was swept away before it was read here can only be guessed at.
    if (first !== null && first > from + 1) tell({ topic: 'all', subject: '' })
    while (rows.length > 0) {
      for (const { seq, subject, topic } of rows) {
        if (!toldEarly.delete(seq)) tell({ topic, subject })
      }
      cursor = rows.at(-1)!.seq
      rows = await options.read(cursor)
    }
  }

  const run = async () => {
    do {
      again = false
      const startedAt = performance.now()
      if (cursor === null) await begin()
      else await readOn(cursor)
      heardAt = startedAt
    } while (again)
  }

  const wake = () => {
    if (closed) return
    again = true
    // A database that does not answer is asked again at the next poll.
    running ??= run()
      .catch(() => undefined)
      .finally(() => (running = null))
  }

  wake()
  const timer = setInterval(wake, options.pollMs ?? pollMs)
  timer.unref()

  return {
    wake,
    tell: (changes) => {
      for (const { seq, subject, topic } of changes) {
        if (cursor !== null && seq <= cursor) continue
        // Before its beginning the feed tells of everything anyway, and reads no row twice.
        if (cursor !== null) toldEarly.add(seq)
        tell({ topic, subject })
      }
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    heardAt: () => heardAt,
    close: async () => {
      closed = true
      again = false
      clearInterval(timer)
      await running
    },
  }
}
