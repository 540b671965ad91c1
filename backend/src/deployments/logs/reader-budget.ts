/** How many bytes may wait for one reader, of all the logs it follows together. */
export type ReaderBudget = {
  /** Whether there is room; takes it where there is. What is larger than all of it fits while nothing waits. */
  take(bytes: number): boolean
  give(bytes: number): void
  readonly isFull: boolean
  /** Calls back once, when there is room again. */
  onRoom(listener: () => void): void
}

export function createReaderBudget(max: number): ReaderBudget {
  let used = 0
  let waiting: (() => void)[] = []
  return {
    take: (bytes) => {
      if (used > 0 && used + bytes > max) return false
      used += bytes
      return true
    },
    give: (bytes) => {
      used -= bytes
      if (used >= max / 2) return
      const all = waiting
      waiting = []
      for (const tell of all) tell()
    },
    get isFull() {
      return used >= max / 2
    },
    onRoom: (listener) => void waiting.push(listener),
  }
}
