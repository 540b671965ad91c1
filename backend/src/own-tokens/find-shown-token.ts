import type { RequestContext } from '#context'
import type { SealedText } from '#secrets'
import { findSession } from '#sessions'
import { noToken, readClaims, type ShownToken } from './read-own-token.ts'

/**
 * What the identity provider said of the caller: the access token that they presented, or the id_token of their sign-in.
 * Throws `no-cluster-token`.
 */
export async function findShownToken(
  ctx: Pick<RequestContext, 'actor' | 'db'>,
  { sealedText }: { sealedText: SealedText },
  { bearer, instance }: { bearer: string | null; instance: string },
): Promise<ShownToken> {
  const text = bearer ?? (await readIdToken(ctx, sealedText))
  const claims = text === null ? null : readClaims(text)
  if (text !== null && claims !== null) {
    return { text, claims, type: bearer === null ? 'id_token' : 'access_token' }
  }
  throw noToken(
    instance,
    bearer === null
      ? 'your sign-in left none. Sign in again; if that changes nothing, your identity provider gives no id_token.'
      : "an API token of the hub is none. Come with an access token of the cluster's issuer.",
  )
}

async function readIdToken(
  { actor, db }: Pick<RequestContext, 'actor' | 'db'>,
  sealedText: SealedText,
): Promise<string | null> {
  if (actor.type !== 'user' || actor.credential.type !== 'session') return null
  const sealed = (await findSession(db, actor.credential.id))?.session.idTokenSealed ?? null
  return sealed === null ? null : sealedText.open(sealed)
}
