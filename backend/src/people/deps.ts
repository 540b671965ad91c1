import type { ProvidersConfig } from '#config'
import type { Database } from '#db'
import type { Person } from './rows.ts'

export type PeopleDeps = {
  /** Whose word counts. */
  rules: ProvidersConfig
  /** Tells of a person whether they administer the hub, or would if they were enabled. */
  readAdministrators(db: Database, now: Date): Promise<(person: Person) => boolean>
}
