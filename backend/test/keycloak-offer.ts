import { serveLocally } from '../../demo/test/serve-locally.ts'
import { startKeycloakProcess, type KeycloakProcess } from './keycloak-process.ts'

/** Where a Keycloak is, and who may change it. */
export type KeycloakPlace = Pick<KeycloakProcess, 'url' | 'tls' | 'adminPassword'>
/** An address that answers with the place of a Keycloak, which starts when somebody first asks. */
export type KeycloakOffer = { url: string; stop: () => Promise<void> }

/** Names the offer that all runners of one run share. */
export const offerVariable = 'HUB_TEST_KEYCLOAK'

export async function offerKeycloak(home: string): Promise<KeycloakOffer> {
  let keycloak: Promise<KeycloakProcess> | null = null
  const { close, url } = await serveLocally((_, response) => {
    keycloak ??= startKeycloakProcess({ home })
    keycloak.then(
      ({ adminPassword, tls, url: at }) =>
        response.end(JSON.stringify({ adminPassword, tls, url: at } satisfies KeycloakPlace)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  return {
    url,
    stop: async () => {
      close()
      const started = await keycloak?.catch(() => null)
      await started?.stop()
    },
  }
}

/** The offer of the run, or one of this runner's own where it runs alone. */
export async function shareKeycloak(home: string): Promise<KeycloakOffer> {
  const url = process.env[offerVariable]
  return url ? { url, stop: async () => {} } : offerKeycloak(home)
}

export async function askForKeycloak({ url }: Pick<KeycloakOffer, 'url'>): Promise<KeycloakPlace> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(await answer.text())
  return (await answer.json()) as KeycloakPlace
}
