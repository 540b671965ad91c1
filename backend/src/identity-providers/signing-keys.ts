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
import { keepDocument, type KeptDocument } from './kept-document.ts'

const Key = z.looseObject({ kty: z.string() })

/** RFC 7517 §5: keys that make no sense are passed over. */
const KeySet = z.object({
  keys: z
    .array(z.unknown())
    .max(200)
    .transform((keys) => keys.flatMap((key) => Key.safeParse(key).data ?? [])),
})

type Keys = { keys: JSONWebKeySet; find: JWTVerifyGetKey }

/** An issuer's published keys, for all who verify with them. */
type KeyDocument = KeptDocument<Keys> & {
  /** What was read last; undefined before the first time. */
  latest(): string | undefined
  /** Other keys than before were read. */
  onReplaced(listener: () => void): void
}

/** By the address of the keys: sign-ins and bearers of one issuer ask it as one. */
export type KeyDocuments = (url: string) => KeyDocument

export function createKeyDocuments(options: {
  fetch: typeof fetch
  now: () => Date
}): KeyDocuments {
  const documents = new Map<string, KeyDocument>()
  return (url) => {
    const known = documents.get(url)
    if (known) return known
    const made = createKeyDocument(url, options)
    documents.set(url, made)
    return made
  }
}

function createKeyDocument(
  url: string,
  { fetch, now }: { fetch: typeof globalThis.fetch; now: () => Date },
): KeyDocument {
  const what = 'signing keys'
  const listeners: (() => void)[] = []
  let latest: string | undefined
  const document = keepDocument<Keys>({
    now,
    async read() {
      const parsed = KeySet.safeParse(await fetchDocument(fetch, { url, what }))
      if (!parsed.success) throw providerUnavailable(what, parsed.error)
      const keys = parsed.data satisfies JSONWebKeySet
      const text = JSON.stringify(keys)
      const isReplaced = latest !== undefined && latest !== text
      latest = text
      if (isReplaced) for (const listener of listeners) listener()
      return { keys, find: createLocalJWKSet(keys) }
    },
  })
  return {
    ...document,
    latest: () => latest,
    onReplaced: (listener) => void listeners.push(listener),
  }
}

export type SigningKeys = JWTVerifyGetKey & {
  /** What the keys are known by now. */
  seen(): string | undefined
  /** After a signature that did not hold: whether the issuer has other keys than those. It is asked once in 30 seconds. */
  areOthersThan(seen: string | undefined): Promise<boolean>
}

type SigningKeysOptions = {
  url: string
  documents: KeyDocuments
  isKeyFor?: (key: JWK, claims: Record<string, unknown>) => boolean
  /** Other keys than before were read. */
  onReplaced?: () => void
}

/**
 * The keys a provider signs with. One it does not know yet is looked for at once, because providers rotate them.
 * `isKeyFor` leaves out keys that may not sign these claims. Throws `provider-unavailable`.
 */
export function createSigningKeys(options: SigningKeysOptions): SigningKeys {
  const { isKeyFor } = options
  const document = options.documents(options.url)
  if (options.onReplaced) document.onReplaced(options.onReplaced)

  const findIn = ({ find, keys }: Keys, ...[header, token]: Parameters<JWTVerifyGetKey>) => {
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
    seen: document.latest,
    async areOthersThan(seen: string | undefined) {
      // Somebody else may have read them meanwhile.
      if (document.latest() === seen) await document.getAgain()
      return document.latest() !== seen
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
