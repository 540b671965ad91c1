import type { ApiToken } from '@hub/shared'
import type { Change, Reader } from '#db'

export type TokenDeps = {
  /** Where it is kept whom a bearer stands for: it forgets what this change is about. */
  bearers: { forget(change: Change): void }
}

export type TokenListDeps = {
  budgets: {
    /** What is used of the budgets of these. */
    usedBy(
      reader: Reader,
      tokenIds: readonly string[],
    ): Promise<ReadonlyMap<string, ApiToken['used']>>
  }
}
