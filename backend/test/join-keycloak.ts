import { inject } from 'vitest'
import { askForKeycloak, type KeycloakPlace } from './keycloak-offer.ts'
import { createHubRealm } from './keycloak.ts'

/** The Keycloak of this run, for a suite that makes a realm of its own there. */
export function findKeycloak(): Promise<KeycloakPlace> {
  return askForKeycloak({ url: inject('keycloakUrl')! })
}

/** A realm for one suite at the Keycloak of this run. */
export async function joinKeycloak(options: { redirectUri: string }) {
  return createHubRealm(await findKeycloak(), options)
}
