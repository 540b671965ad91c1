import type { JWTPayload } from 'jose'
import type { AccessTokenSign } from '#config'
import { TokenFault } from './invalid-token.ts'

type Checked = {
  payload: JWTPayload
  /** The header's, whatever it is. */
  typ: unknown
  sign: AccessTokenSign
  /** Whether an audience is a client that people sign in to this hub with. */
  isSignInClient: (audience: string) => boolean
}

/**
 * RFC 8725 §3.12: what the issuer made for something else is no access token, though the signature holds. An id_token that
 * came of a refresh carries nothing that gives it away, so a token counts only with a sign that it is an access token.
 * Throws TokenFault.
 */
export function requireAccessToken({ isSignInClient, payload, sign, typ }: Checked): void {
  const headerType = readHeaderType(typ)
  refuseOtherTypes(payload, headerType)
  for (const claim of ['nonce', 'at_hash', 'c_hash', 's_hash', 'events']) {
    if (payload[claim] !== undefined) throw new TokenFault(`it has ${claim}: no access token`)
  }
  refuseBound(payload)
  const audiences = new Set([payload.aud ?? []].flat())
  const [audience] = audiences
  if (audiences.size === 1 && isSignInClient(audience!)) {
    throw new TokenFault(
      `its only audience, ${audience!.slice(0, 100)}, is the client that people sign in to this hub with, as an id_token's is; let the issuer name another audience for the API`,
    )
  }
  if (sign === 'at+jwt' && headerType !== 'at+jwt') throw new TokenFault('its typ is not at+jwt')
  if (hasSign(payload, headerType)) return
  if (sign !== 'any') {
    throw new TokenFault(
      'nothing in it says that it is an access token: no typ at+jwt or Bearer, no scope or scp, no roles with idtyp app; add ";any" to its issuer in JWT_ISSUERS if that gives access tokens alone',
    )
  }
  // An id_token is for the client that asked for it, and for nobody else.
  if (audiences.size === 1 && payload['azp'] === audience) {
    throw new TokenFault('it is for the client itself, as an id_token is')
  }
}

/** RFC 9449 §7.2, RFC 8705 §3: it is good with the key alone, of which a bearer shows nothing. Throws TokenFault. */
export function refuseBound(payload: Readonly<Record<string, unknown>>): void {
  if (payload['cnf'] === undefined) return
  throw new TokenFault('it is bound to a key (cnf), which a bearer token does not show')
}

function readHeaderType(typ: unknown): string | undefined {
  if (typ === undefined) return undefined
  if (typeof typ !== 'string') throw new TokenFault('its typ is not text')
  return typ.toLowerCase().replace(/^application\//, '')
}

function refuseOtherTypes(payload: JWTPayload, headerType: string | undefined): void {
  if (headerType !== undefined && headerType !== 'jwt' && headerType !== 'at+jwt') {
    throw new TokenFault(`it is a ${headerType.slice(0, 50)}, no access token`)
  }
  const type = payload['typ']
  if (type === undefined) return
  if (typeof type !== 'string') throw new TokenFault('its claim typ is not text')
  if (type.toLowerCase() !== 'bearer') {
    throw new TokenFault(`it is a token of type ${type.slice(0, 50)}, no access token`)
  }
}

/** RFC 9068 §2.1; Keycloak; RFC 9068 §2.2.3, Auth0, Okta and Entra; Entra, for what an app may do by itself. */
function hasSign(payload: JWTPayload, headerType: string | undefined): boolean {
  return (
    headerType === 'at+jwt' ||
    // Anything else was refused.
    payload['typ'] !== undefined ||
    isScope(payload['scope']) ||
    isScope(payload['scp']) ||
    // `roles` alone stand in id_tokens as well, `idtyp` in none.
    (payload['idtyp'] === 'app' && Array.isArray(payload['roles']) && isScope(payload['roles']))
  )
}

function isScope(value: unknown): boolean {
  const scopes = Array.isArray(value) ? value : [value]
  return (
    scopes.length > 0 && scopes.every((scope) => typeof scope === 'string' && scope.trim() !== '')
  )
}
