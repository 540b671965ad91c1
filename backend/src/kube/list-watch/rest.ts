import { sleep, type Timing } from '../timing.ts'
import { createPace } from './budget.ts'
import type { ListWatchOptions } from './options.ts'

/** Who read less than this has not to wait because others read much. */
const pacedBytesMin = 256 * 1024

export type Rest = { add(bytes: number): void; take(): Promise<void> | undefined }

/** Waits where a cluster sends faster than it is read. */
export function createRest<T>(
  options: Pick<ListWatchOptions<T>, 'pace' | 'signal'>,
  timing: Timing,
): Rest {
  const { pace = createPace(timing.now) } = options
  let bytes = 0
  return {
    add: (count) => {
      bytes += count
      pace.add(count)
    },
    take: () => {
      const aheadMs = bytes < pacedBytesMin ? 0 : pace.aheadMs()
      if (aheadMs === 0) return undefined
      bytes = 0
      return sleep(timing, aheadMs, options.signal)
    },
  }
}
