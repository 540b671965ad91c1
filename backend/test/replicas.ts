import type { Environment } from '#config'
import { openDatabase, type Patience } from '#db'
import type { databases, TestDatabase } from './databases.ts'
import { startHub, type Browser } from './hub.ts'
import type { OddIdentityProvider } from './odd-identity-provider.ts'

export type Replicas = Awaited<ReturnType<typeof startReplicas>>

/** Two hubs on one database, each with connections of its own, as two processes have them. */
export async function startReplicas(options: {
  dialect: (typeof databases)[number]['dialect']
  database: TestDatabase
  /** The provider to sign in at; another one comes by `env`. */
  identityProvider?: OddIdentityProvider
  env?: Environment
  credentials?: Record<string, string>
  /** Of the other hub; `database` has its own. */
  patience?: Patience
}) {
  const { credentials, database, dialect, env, identityProvider, patience } = options
  const { url } = database
  const otherDb = await openDatabase(
    dialect === 'sqlite' ? { driver: 'sqlite', path: url } : { driver: 'postgres', url },
    patience,
  )
  const start = (db: typeof otherDb) =>
    startHub({
      db,
      ...(identityProvider && { identityProvider }),
      ...(env && { env }),
      ...(credentials && { credentials }),
    })
  const [here, there] = await Promise.all([start(database.db), start(otherDb)])
  return {
    here,
    there,
    /** Moves the clocks of both. */
    advance: (ms: number) => {
      here.advance(ms)
      there.advance(ms)
    },
    /** The same browser, led to the other hub by a load balancer: it keeps its cookies. */
    atOther: (browser: Browser) => there.browser('10.1.0.1', browser.cookies),
    async stop() {
      await Promise.all([here.stop(), there.stop()])
      await otherDb.close()
    },
  }
}
