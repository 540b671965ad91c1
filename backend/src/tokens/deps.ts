import type { Change } from '#db'

export type TokenDeps = {
  /** Where it is kept whom a bearer stands for: it forgets what this change is about. */
  bearers: { forget(change: Change): void }
}
