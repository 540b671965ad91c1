import type { Environment, Options } from '../flags/options.ts'
import type { Log } from '../log.ts'
import type { Provider } from './provider.ts'

/** What every way to sign in is given. */
export type SignInContext = { options: Options; provider: Provider; env: Environment; log: Log }
