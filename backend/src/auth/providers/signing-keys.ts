import {
  createLocalJWKSet,
  errors as joseErrors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose'
import * as z from 'zod'
import { fetchDocument, providerUnavailable } from './bounded-fetch.ts'
import { keepDocument } from './kept-document.ts'

const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(200) })

export type SigningKeys = JWTVerifyGetKey & {
  /** Reads them before they are due, within bounds; says whether they are others than before. */
  readAgain(): Promise<boolean>
}

type SigningKeysOptions = {
  url: string
  fetch: typeof fetch
  now: () => Date
  isKeyFor?: (key: JWK, claims: Record<string, unknown>) => boolean
  /** Other keys than before were read. */
  onReplaced?: () => void
}

/**
 * The keys a provider signs with. One it does not know yet is looked for at once, because providers rotate them.
 * `isKeyFor` leaves out keys that may not sign these claims. Throws `provider-unavailable`.
 */
export function createSigningKeys(options: SigningKeysOptions): SigningKeys {
  const { fetch, isKeyFor, now, url } = options
  const what = 'signing keys'
  let latest: string | undefined
  const document = keepDocument({
    now,
    async read() {
      const parsed = KeySet.safeParse(await fetchDocument(fetch, { url, what }))
      if (!parsed.success) throw providerUnavailable(what, parsed.error)
      const keys = parsed.data satisfies JSONWebKeySet
      const text = JSON.stringify(keys)
      if (latest !== undefined && latest !== text) options.onReplaced?.()
      latest = text
      return { keys, find: createLocalJWKSet(keys) }
    },
  })

  const findIn = (
    { find, keys }: Awaited<ReturnType<typeof document.get>>,
    ...[header, token]: Parameters<JWTVerifyGetKey>
  ) => {
    if (!isKeyFor) return find(header, token)
    const claims = readClaims(token)
    const own = keys.keys.filter((key) => isKeyFor(key, claims))
    return createLocalJWKSet({ keys: own })(header, token)
  }

  const getKey: JWTVerifyGetKey = async (header, token) => {
    try {
      return await findIn(await document.get(), header, token)
    } catch (error) {
      if (!(error instanceof joseErrors.JWKSNoMatchingKey)) throw error
      return findIn(await document.getAgain(), header, token)
    }
  }
  return Object.assign(getKey, {
    async readAgain() {
      const before = latest
      await document.getAgain()
      return latest !== before
    },
  })
}

/** Not verified: good for choosing among keys, and for nothing else. */
function readClaims(token: FlattenedJWSInput): Record<string, unknown> {
  try {
    const { payload } = token
    const text = typeof payload === 'string' ? payload : Buffer.from(payload).toString()
    return z.looseObject({}).parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
  } catch {
    return {}
  }
}
