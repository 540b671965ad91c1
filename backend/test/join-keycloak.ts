import { inject } from 'vitest'
import { createHubRealm, type KeycloakPlace } from './keycloak.ts'

/** A realm for one suite at the Keycloak of this run. */
export async function joinKeycloak(options: { redirectUri: string }) {
  const answer = await fetch(inject('keycloakUrl')!)
  if (!answer.ok) throw new Error(await answer.text())
  return createHubRealm((await answer.json()) as KeycloakPlace, options)
}
