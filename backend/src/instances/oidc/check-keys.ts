import { isRecord } from '#kube'
import { askIssuer, locate, type IssuerDeps } from './ask-issuer.ts'
import { fail, pass, type Check } from './checks.ts'

/** What a key can sign by (RFC 7518 §3.1). */
const algorithmsOf: Record<string, readonly string[]> = {
  RSA: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  'EC P-256': ['ES256'],
  'EC P-384': ['ES384'],
  'EC P-521': ['ES512'],
}

/** Whether the API server finds a key by which it takes tokens. */
export async function checkKeys(
  document: Record<string, unknown>,
  deps: IssuerDeps,
): Promise<Check> {
  const { id_token_signing_alg_values_supported: listed, jwks_uri: uri } = document
  if (typeof uri !== 'string' || !/^https?:/.test(uri) || !URL.canParse(uri)) {
    return fail('keys', 'The document names no jwks_uri.')
  }
  const told = uri.slice(0, 200)
  const { blocked } = await locate(new URL(uri), deps)
  if (blocked !== null) return fail('keys', `The jwks_uri ${told} is ${blocked}.`)
  const answer = await askIssuer(uri, deps)
  if ('why' in answer) return fail('keys', `${told} ${answer.why}.`)
  const keys = isRecord(answer.body) ? answer.body['keys'] : null
  if (!Array.isArray(keys)) return fail('keys', `${told} holds no keys.`)
  const usable = new Set(keys.flatMap(algorithmsOfKey))
  const algorithms = Array.isArray(listed)
    ? listed.filter((each): each is string => usable.has(String(each)))
    : [...usable]
  if (algorithms.includes('RS256')) {
    return pass('keys', 'There is a key for RS256, which an API server takes by default.')
  }
  if (algorithms.length === 0) return fail('keys', `${told} holds no key that signs tokens.`)
  return fail(
    'keys',
    `Tokens are signed by ${algorithms.slice(0, 8).join(', ')}, and by flags an API server accepts only RS256: have the client sign with RS256, add --oidc-signing-algs=${algorithms[0]}, or use the file, which takes all of them.`,
  )
}

function algorithmsOfKey(key: unknown): readonly string[] {
  if (!isRecord(key)) return []
  const { alg, crv, kty, use } = key
  if (use !== undefined && use !== 'sig') return []
  const possible = algorithmsOf[kty === 'EC' ? `EC ${String(crv)}` : String(kty)] ?? []
  return typeof alg === 'string' ? possible.filter((each) => each === alg) : possible
}
