/** What a tab says to the worker that shares one stream among all tabs. */
export type TabMessage =
  | {
      kind: 'join'
      url: string
      /** Whose page this is: a stream is shared by tabs of one person alone. */
      person: string
      types: readonly string[]
      /** Where the stream stood when it began to read, if it knows, and how long ago that is at most. */
      since: string | null
      readingMs: number
      presence: string | null
    }
  | { kind: 'leave' }
  /** The session is over: nobody's tab follows its stream any longer. */
  | { kind: 'signed-out' }

/** What the worker says to a tab. */
export type WorkerMessage =
  | { kind: 'joined'; presence: string | null }
  | { kind: 'open'; resumed: boolean }
  | { kind: 'lost' }
  | { kind: 'event'; type: string; data: string }
  /** The tab is out; it joins again if whoever it shows is still signed in. */
  | { kind: 'refused' }
