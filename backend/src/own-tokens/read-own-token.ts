import type { OidcProfile } from '@hub/shared'
import { decodeJwt, type JWTPayload } from 'jose'
import type { OwnToken } from '#context'
import { AppError } from '#errors'
import { describeBinding, predictUsername } from '#instances'
import { PrivateText } from '#secrets'

/** The role of deploy/kubernetes/instance-rbac-impersonate that lets somebody see what runs in a namespace. */
const viewerRole = 'kubeairunway-hub-viewer'

/** What the identity provider said of somebody. Its signature was seen before, or is at the cluster. */
export type ShownToken = {
  text: string
  claims: JWTPayload
  /** As RFC 8693 §3 calls it. */
  type: 'access_token' | 'id_token'
}

export function readClaims(text: string): JWTPayload | null {
  try {
    return decodeJwt(text)
  } catch {
    return null
  }
}

/** What this token is at the cluster of the profile. Throws `no-cluster-token` for one that it would not take. */
export function readOwnToken(
  { claims, text }: Pick<ShownToken, 'claims' | 'text'>,
  { instance, now, profile }: { instance: string; profile: OidcProfile; now: Date },
): OwnToken {
  requireIssuer(claims, { instance, profile })
  const audiences = [claims.aud ?? []].flat()
  if (!audiences.includes(profile.clientId)) {
    throw noToken(
      instance,
      `it takes tokens for "${profile.clientId}", and yours is for ${list(audiences)}. Ask the identity provider's administrator to add "${profile.clientId}" to the audience of your client's tokens (in Keycloak: an Audience mapper), and come with a new one.`,
    )
  }
  const endsAt = new Date((claims.exp ?? 0) * 1000)
  if (now >= endsAt)
    throw noToken(instance, 'yours has ended. Come with a new one, or sign in again.')
  const { usernameClaim } = profile
  const value = claims[usernameClaim]
  if (typeof value !== 'string' || value === '') {
    throw noToken(
      instance,
      `it names people by the claim ${usernameClaim}, which your token has not. Ask the identity provider's administrator to put it into the tokens of your client.`,
    )
  }
  return {
    token: new PrivateText(text),
    endsAt,
    username: predictUsername(profile, value),
    describeBinding: (namespace) => describeCommand(profile, value, namespace),
  }
}

/** A token goes to its own issuer and to those who trust that one, and to nobody else. Throws `no-cluster-token`. */
export function requireIssuer(
  { iss }: JWTPayload,
  { instance, profile }: { instance: string; profile: OidcProfile },
): void {
  if (iss === profile.issuer) return
  throw noToken(
    instance,
    `it trusts "${profile.issuer}", and yours is of ${iss === undefined ? 'no issuer' : `"${iss.slice(0, 200)}"`}. Sign in, or get a token, there.`,
  )
}

export function noToken(instance: string, why: string, cause?: unknown): AppError {
  return new AppError('no-cluster-token', {
    detail: `Instance "${instance}" takes people by their own tokens: ${why}`,
    cause,
  })
}

function list(names: readonly string[]): string {
  if (names.length === 0) return 'nobody by name'
  return names.map((name) => `"${name}"`.slice(0, 100)).join(' and ')
}

function describeCommand(profile: OidcProfile, value: string, namespace: string): string | null {
  try {
    return describeBinding(profile, { user: value, role: viewerRole, namespace }).create
  } catch {
    return null
  }
}
