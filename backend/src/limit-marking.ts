import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'

/**
 * Leaves half of the processors to whoever answers. V8 marks what is in use with four threads of its own, however many
 * processors there are: on two, everything would stand still for as long as that takes.
 */
export function limitMarking(): void {
  const threads = Math.max(1, Math.floor(availableParallelism() / 2))
  setFlagsFromString(`--concurrent-marking-max-worker-num=${threads}`)
}
