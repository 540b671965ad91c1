import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHub, startIdentityProvider, type HubProcess } from '@hub/demo'
import { ports } from './ports.ts'

const port = ports.own

/** Where a hub of a test's own answers, with the built portal; one at a time. */
export const ownHubUrl = `http://127.0.0.1:${port}`

export interface OwnHub {
  /** Where people sign in, to it and, by the public client `kubernetes`, to clusters. */
  issuer: string
  client: { clientId: string; clientSecret: string }
  /** The credentials directory. */
  directory: string
  /** What the hub wrote last into its log. */
  lastLines: () => string
  write: (instance: string, kubeconfig: string) => Promise<void>
  pause: () => Promise<void>
  resume: () => Promise<void>
  stop: () => Promise<void>
}

/** A hub that a test may stop, and whose credentials it may spoil: people and roles are the demo's, the viewer everywhere, but for `changes`. */
export async function startOwnHub(changes: Record<string, string> = {}): Promise<OwnHub> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-own-'))
  const directory = join(folder, 'credentials')
  await mkdir(directory)
  const client = { clientId: 'hub', clientSecret: randomBytes(24).toString('hex') }
  const identityProvider = await startIdentityProvider({
    clients: [
      {
        ...client,
        redirectUris: [`${ownHubUrl}/api/auth/callback/oidc`, `${ownHubUrl}/cluster-sign-in`],
        postLogoutRedirectUris: [`${ownHubUrl}/login`],
      },
      { clientId: 'kubernetes', redirectUris: [`${ownHubUrl}/cluster-sign-in`] },
    ],
  })
  const env = {
    HUB_MODE: 'true',
    HOST: '127.0.0.1',
    PORT: String(port),
    SESSION_SECRET: randomBytes(32).toString('hex'),
    ENABLED_AUTH_PROVIDERS: 'oidc',
    OIDC_PROVIDER_ISSUER: identityProvider.issuer,
    OIDC_PROVIDER_CLIENT_ID: client.clientId,
    OIDC_PROVIDER_CLIENT_SECRET: client.clientSecret,
    OIDC_PROVIDER_NAME: 'Demo sign-in',
    HUB_ADMINS: 'oidc:admin',
    HUB_GRANTS: JSON.stringify([
      { principal: 'oidc:viewer', role: 'viewer' },
      { principal: 'oidc:deployer', role: 'deployer' },
    ]),
    DATABASE_URL: join(folder, 'hub.db'),
    CREDENTIALS_PATH: directory,
    ...changes,
  }
  let hub: HubProcess | undefined
  const pause = async () => {
    await hub?.stop()
    hub = undefined
  }
  const resume = async () => {
    hub = startHub({ env, url: ownHubUrl })
    const death = hub.died.then((lines) => {
      throw new Error(`The hub ended. Its last lines:\n${lines}`)
    })
    await Promise.race([hub.ready, death])
  }
  const stop = async () => {
    await pause()
    await identityProvider.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await resume()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    issuer: identityProvider.issuer,
    client,
    directory,
    lastLines: () => hub?.lastLines() ?? '',
    write: (instance, kubeconfig) =>
      writeFile(join(directory, `${instance}.kubeconfig`), kubeconfig, { mode: 0o600 }),
    pause,
    resume,
    stop,
  }
}
