import type { Entry } from '../cache/entry.ts'
import { clearKey } from '../cache/clear.ts'
import { isMeant, listKept } from '../cache/kept.ts'
import { openStore } from '../cache/store.ts'
import { Failure, messageOf } from '../failure.ts'
import { checkIssuer } from '../flags/check-issuer.ts'
import { readCacheOptions, readTlsOptions, type Environment } from '../flags/options.ts'
import type { Values } from '../flags/flag.ts'
import type { Log } from '../log.ts'
import type { Command } from './command.ts'

/** Ends sign-ins at the provider too: revokes the refresh token and ends the session. What is kept goes in any case. */
export const runLogout: Command = async ({ env, log, values }) => {
  const cache = readCacheOptions(values, env)
  const [issuer, clientId] = [values.text('oidc-issuer-url'), values.text('oidc-client-id')]
  const meant = listKept(cache.folder).filter((kept) => isMeant(kept, { issuer, clientId }))
  if (meant.length === 0) {
    log.say('There is no such sign-in; `list` shows what there is.')
    return
  }
  const stores = {
    disk: openStore({ ...cache, storage: 'disk' }, log),
    keyring: openStore({ ...cache, storage: 'keyring' }, log),
  }
  let failed = 0
  for (const { isSealed, key, label } of meant) {
    const store = isSealed ? stores.keyring : stores.disk
    await clearKey({ folder: cache.folder, key, log }, async () => {
      try {
        const entry = await store.read(key)
        if (entry) await endAtProvider(entry, { env, log, values })
        log.say(`Signed out of ${label?.issuer ?? key.slice(0, 12)}.`)
      } catch (error) {
        failed += 1
        log.say(`${messageOf(error)} Deleted here anyway.`)
      }
      await store.forget(key)
    })
  }
  if (failed > 0) {
    throw new Failure(
      'unreachable',
      'Not every provider was told: end the session in its own page.',
    )
  }
}

type Asking = { env: Environment; log: Log; values: Values }

/** The variable may be of another client: one that must have no secret is asked for without it. */
async function endAtProvider(entry: Entry, asking: Asking): Promise<void> {
  const flag = asking.values.text('oidc-client-secret')
  const secret = flag ?? asking.env['OIDC_CLIENT_SECRET'] ?? null
  try {
    await endBySecret(entry, secret, asking)
  } catch (error) {
    const { answeredError } = await import('../sign-in/explain-failure.ts')
    const isOfVariable = flag === null && secret !== null
    if (!isOfVariable || answeredError(error) !== 'invalid_client') throw error
    await endBySecret(entry, null, asking)
  }
}

async function endBySecret(
  entry: Entry,
  clientSecret: string | null,
  { log, values }: Asking,
): Promise<void> {
  const oidc = await import('openid-client')
  const { checkEndpoint, discoverProvider } = await import('../sign-in/provider.ts')
  const { explainFailure } = await import('../sign-in/explain-failure.ts')
  const provider = {
    issuer: checkIssuer(entry.issuer),
    clientId: entry.clientId,
    clientSecret,
    redirectUrl: null,
    scopes: [],
    useAccessToken: false,
    headers: values.pairs('oidc-request-header'),
    pkce: 'auto' as const,
    extraParameters: {},
  }
  const { configuration, metadata } = await discoverProvider(
    { provider, tls: readTlsOptions(values) },
    log,
  )
  const { refreshToken } = entry
  if (refreshToken !== null && metadata.revocation_endpoint) {
    await explainFailure(provider, () => oidc.tokenRevocation(configuration, refreshToken))
    log.debug('the refresh token is revoked')
  }
  if (entry.idToken !== null && metadata.end_session_endpoint) {
    checkEndpoint(metadata, 'end_session_endpoint', entry.issuer.startsWith('http:'))
    // In the body: an address would show the token to whoever lists processes or reads logs.
    const answer = await configuration[oidc.customFetch]!(metadata.end_session_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ id_token_hint: entry.idToken, client_id: entry.clientId }),
      redirect: 'manual',
    })
    if (answer.status >= 400) {
      throw new Failure(
        'unreachable',
        `${entry.issuer} did not end the session (${answer.status}).`,
      )
    }
  }
}
