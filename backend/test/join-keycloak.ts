import { inject } from 'vitest'
import { createHubRealm, type KeycloakPlace } from './keycloak.ts'

/** The Keycloak of this run, for a suite that makes a realm of its own there. */
export async function findKeycloak(): Promise<KeycloakPlace> {
  const answer = await fetch(inject('keycloakUrl')!)
  if (!answer.ok) throw new Error(await answer.text())
  return (await answer.json()) as KeycloakPlace
}

/** A realm for one suite at the Keycloak of this run. */
export async function joinKeycloak(options: { redirectUri: string }) {
  return createHubRealm(await findKeycloak(), options)
}
