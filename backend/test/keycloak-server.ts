import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { startKeycloakProcess, type KeycloakProcess } from './keycloak-process.ts'
import type { KeycloakPlace } from './keycloak.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Answers where the Keycloak of this run is; null where there is none. */
    keycloakUrl: string | null
  }
}

/** One real Keycloak for the whole run; it is started when the first suite asks for it. */
export default async function offerKeycloak(project: TestProject): Promise<() => Promise<void>> {
  const home = process.env['KEYCLOAK_HOME']
  if (!home) {
    project.provide('keycloakUrl', null)
    return async () => undefined
  }
  let keycloak: Promise<KeycloakProcess> | null = null
  const server = createServer((_, response) => {
    keycloak ??= startKeycloakProcess({ home })
    keycloak.then(
      ({ adminPassword, tls, url }) =>
        response.end(JSON.stringify({ adminPassword, tls, url } satisfies KeycloakPlace)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  project.provide('keycloakUrl', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return async () => {
    server.close()
    server.closeAllConnections()
    const started = await keycloak?.catch(() => null)
    await started?.stop()
  }
}
