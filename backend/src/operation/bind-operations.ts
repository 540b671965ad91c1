import type { RequestContext } from '#context'
import type { InputSchemas } from './declaration.ts'
import type { AnyOperation, Input } from './define-operation.ts'
import type { DepsOf } from './deps-of.ts'

/** An operation that has all it needs but a request: what doors are given. */
export type BoundOperation = Omit<AnyOperation, 'run'> & {
  /** `input` has been read by the operation's own schemas. */
  run(ctx: RequestContext, input: Input<InputSchemas>): unknown
}

export function bindOperations<const Operations extends readonly AnyOperation[]>(
  operations: Operations,
  deps: DepsOf<Operations, 'run'>,
): BoundOperation[] {
  return operations.map((operation) => {
    // The list's own type has said what all of it needs, and each gets what its own schemas have read.
    const run = operation.run as unknown as (
      ctx: RequestContext,
      deps: DepsOf<Operations, 'run'>,
      input: Input<InputSchemas>,
    ) => unknown
    return { ...operation, run: (ctx, input) => run(ctx, deps, input) }
  })
}
