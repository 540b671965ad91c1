const linesPerSecond = 10_000
const bytesPerSecond = 4 * 1024 * 1024
/** What is read of the past comes at once. */
const burst = 4

/** How much of a log is passed on: the rest is left out, and counted. */
export function createLineLimit(now: () => number) {
  let lines = linesPerSecond * burst
  let bytes = bytesPerSecond * burst
  let at = now()
  return {
    /** Whether there is room for so many lines of so many bytes together. */
    take: (size: number, count = 1): boolean => {
      const time = now()
      const seconds = Math.max(0, time - at) / 1_000
      at = time
      lines = Math.min(linesPerSecond * burst, lines + seconds * linesPerSecond)
      bytes = Math.min(bytesPerSecond * burst, bytes + seconds * bytesPerSecond)
      if (lines < count || bytes < size) return false
      lines -= count
      bytes -= size
      return true
    },
  }
}

export type LineLimit = ReturnType<typeof createLineLimit>
