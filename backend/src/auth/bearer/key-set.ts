import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import * as z from 'zod'
import type { Logger } from '#log'
import { fetchJson, providerUnavailable } from '../providers/bounded-fetch.ts'

const freshMs = 10 * 60_000
/** Older keys are waited for, while the issuer answers. */
const staleMs = 60 * 60_000
/** The longest that keys serve while the issuer does not answer. */
const staleMsMax = 24 * 60 * 60_000
/** A key that is not known is looked for this often at most. */
const unknownKeyMs = 30_000
const retryMs = { min: 1_000, max: 60_000 }

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() })
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) })

type Keys = { get: JWTVerifyGetKey; digest: string; readAt: number }

/**
 * An issuer's signing keys, by its discovery document: read once for all who wait, again after ten minutes and when a
 * token names an unknown one. While the issuer does not answer the last ones serve for a day, and it is asked ever more
 * rarely. Throws `provider-unavailable` where there are none.
 */
export function createKeySet(options: {
  issuer: string
  fetch: typeof fetch
  now: () => Date
  log: Logger
  /** Other keys than before: what they vouched for is to be checked anew. */
  onReplaced: () => void
}): JWTVerifyGetKey {
  const { issuer, log, now } = options
  let keys: Keys | null = null
  let reading: Promise<Keys> | null = null
  let failures = 0
  let failedAt = 0

  const isBackingOff = () =>
    failures > 0 &&
    now().getTime() - failedAt < Math.min(retryMs.min * 2 ** (failures - 1), retryMs.max)

  const load = async (): Promise<Keys> => {
    try {
      const next = { ...(await readKeys(issuer, options.fetch)), readAt: now().getTime() }
      if (keys !== null && keys.digest !== next.digest) options.onReplaced()
      failures = 0
      keys = next
      return next
    } catch (error) {
      failures += 1
      failedAt = now().getTime()
      log.warn({ error, issuer, failures }, 'the keys of a token issuer could not be read')
      throw error
    }
  }
  const reload = (): Promise<Keys> => (reading ??= load().finally(() => (reading = null)))

  const current = async (): Promise<Keys> => {
    if (keys === null) {
      if (isBackingOff()) throw providerUnavailable('signing keys', new Error('backing off'))
      return reload()
    }
    const age = now().getTime() - keys.readAt
    if (age < freshMs) return keys
    if (age < staleMs) {
      if (!isBackingOff()) void reload().catch(() => undefined)
      return keys
    }
    const known = keys
    return isBackingOff() && age < staleMsMax
      ? known
      : reload().catch((error: unknown) => {
          if (age < staleMsMax) return known
          throw error
        })
  }

  return async (header, token) => {
    const known = await current()
    try {
      return await known.get(header, token)
    } catch (error) {
      const isUnknown = error instanceof errors.JWKSNoMatchingKey
      if (!isUnknown || now().getTime() - known.readAt < unknownKeyMs || isBackingOff()) throw error
      const next = await reload().catch(() => null)
      if (next === null) throw error
      return next.get(header, token)
    }
  }
}

async function readKeys(
  issuer: string,
  fetchImpl: typeof fetch,
): Promise<Pick<Keys, 'get' | 'digest'>> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const discovery = Discovery.parse(await fetchJson(fetchImpl, url, 'discovery document'))
  // OpenID Connect Discovery 1.0 §4.3: byte for byte, or another issuer could answer for this one.
  if (discovery.issuer !== issuer) {
    throw providerUnavailable(
      'signing keys',
      new Error(`the discovery document is of "${discovery.issuer}", not of "${issuer}"`),
    )
  }
  if (issuer.startsWith('https:') && !discovery.jwks_uri.startsWith('https:')) {
    throw providerUnavailable('signing keys', new Error('jwks_uri does not use https'))
  }
  const set = KeySet.parse(await fetchJson(fetchImpl, discovery.jwks_uri, 'signing keys'))
  return { get: createLocalJWKSet(set), digest: JSON.stringify(set) }
}
