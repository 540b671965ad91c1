import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** With more, V8 marks on one that nobody would have answered on. */
const scarce = 2
/** How much the heap grows before V8 marks again, of what was in use. Left to itself it would mark thrice as often, from a tenth on. */
const growthPercent = 40

/**
 * Leaves a scarce processor to whoever answers. While V8 marks what is in use, four threads of its own would hold one or two
 * processors for as long as that takes, or use up what a container is given; without them it marks between two answers, in
 * steps of at most a few milliseconds, and less often. To be called before other threads of Node begin.
 */
export function limitMarking(processors = availableParallelism()): void {
  if (processors > scarce) return
  collect()
  setFlagsFromString('--no-concurrent-marking')
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`)
}

/** Ends marking that has begun: V8 stops its threads for a young collection only where the flag says that they may run. */
function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  gc()
  setFlagsFromString('--no-expose-gc')
}
