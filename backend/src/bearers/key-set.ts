import * as z from 'zod'
import type { Logger } from '#log'
import {
  createKeyDocuments,
  createSigningKeys,
  discoveryUrlOf,
  fetchDocument,
  isEndpointAllowed,
  keepDocument,
  providerUnavailable,
  type KeyDocuments,
  type SigningKeys,
} from '#identity-providers'

/** An issuer of access tokens need not be one that people sign in at: these two are all that is asked of it. */
const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() })

type KeySetOptions = {
  issuer: string
  fetch: typeof globalThis.fetch
  now: () => Date
  log: Logger
  /** Shared with who else verifies by this issuer's keys. */
  keyDocuments?: KeyDocuments | undefined
  /** Other keys than before: what they vouched for is to be checked anew. */
  onReplaced: () => void
}

/** An issuer's signing keys, by its discovery document; both are kept. Throws `provider-unavailable`. */
export function createKeySet(options: KeySetOptions): SigningKeys {
  const { fetch, issuer, log, now, onReplaced } = options
  const documents = options.keyDocuments ?? createKeyDocuments(options)
  // Kept beside the document, or reading it again would lose the keys.
  let keys: { url: string; getKey: SigningKeys } | undefined
  const discovery = keepDocument({
    now,
    read: async () => {
      try {
        const url = await readKeysUrl(issuer, fetch)
        if (keys?.url !== url) {
          keys = { url, getKey: createSigningKeys({ url, documents, onReplaced }) }
        }
        return keys.getKey
      } catch (error) {
        log.warn({ error, issuer }, 'the discovery document of a token issuer could not be read')
        throw error
      }
    },
  })
  const getKey = async (...of: Parameters<SigningKeys>) => (await discovery.get())(...of)
  return Object.assign(getKey, {
    seen: () => keys?.getKey.seen(),
    areOthersThan: async (seen: string | undefined) => (await discovery.get()).areOthersThan(seen),
  })
}

async function readKeysUrl(issuer: string, fetchImpl: typeof fetch): Promise<string> {
  const url = discoveryUrlOf(issuer)
  const json = await fetchDocument(fetchImpl, { url, what: 'discovery document' })
  const discovery = Discovery.parse(json)
  // OpenID Connect Discovery 1.0 §4.3: byte for byte, or another issuer could answer for this one.
  if (discovery.issuer !== issuer) {
    throw providerUnavailable(
      'signing keys',
      new Error(`the discovery document is of "${discovery.issuer}", not of "${issuer}"`),
    )
  }
  if (!isEndpointAllowed(issuer, discovery.jwks_uri)) {
    throw providerUnavailable('signing keys', new Error('jwks_uri does not use https'))
  }
  return discovery.jwks_uri
}
