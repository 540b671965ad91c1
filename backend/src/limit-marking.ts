import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'

/** With more, V8 marks on one that nobody would have answered on. */
const scarce = 2

/**
 * Leaves a scarce processor to whoever answers. While V8 marks what is in use, four threads of its own would hold one or two
 * processors for as long as that takes, or use up what a container is given; without them it marks between two answers, in
 * steps of at most a few milliseconds.
 */
export function limitMarking(processors = availableParallelism()): void {
  if (processors <= scarce) setFlagsFromString('--no-concurrent-marking')
}
