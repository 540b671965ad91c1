import type { TestProject } from 'vitest/node'
import { shareKeycloak } from './keycloak-offer.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Answers where the Keycloak of this run is; null where there is none. */
    keycloakUrl: string | null
  }
}

/** One real Keycloak for the whole run. */
export default async function provideKeycloak(project: TestProject): Promise<() => Promise<void>> {
  const home = process.env['KEYCLOAK_HOME']
  const offer = home ? await shareKeycloak(home) : null
  project.provide('keycloakUrl', offer?.url ?? null)
  return async () => offer?.stop()
}
