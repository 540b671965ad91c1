import { OidcProfileInput } from '@hub/shared'
import * as z from 'zod'
import type { Config } from '#config'
import type { Clock, RequestContext } from '#context'
import { AppError } from '#errors'
import type { SealedText } from '#secrets'
import type { IssuerDeps } from '../oidc/ask-issuer.ts'

/** As long as a sign-in at the hub itself. */
export const trialSeconds = 600

/** What a trial has to remember between leaving for the provider and coming back. The browser keeps it, sealed. */
export const Trial = z.object({
  instance: z.string(),
  /** Whose it is: the hub's session that began it. */
  owner: z.string(),
  profile: OidcProfileInput,
  state: z.string(),
  /** Null by a device's code, whose tokens have none. */
  nonce: z.string().nullable(),
  codeVerifier: z.string(),
  redirectUri: z.string().nullable(),
  deviceCode: z.string().nullable(),
  /** How long to wait between two questions about a device's code. */
  intervalSeconds: z.number(),
  endsAt: z.coerce.date(),
})
export type Trial = z.infer<typeof Trial>

export type TrialDeps = IssuerDeps & {
  config: Pick<Config, 'production' | 'publicOrigin'>
  now: Clock
  /** Seals trials, and nothing else. */
  sealedTrials: SealedText
}

/** Who may finish what they begin: the browser session, or the one person of local mode. Throws `forbidden`. */
export function ownerOf({ actor }: Pick<RequestContext, 'actor'>): string {
  if (actor.type === 'user') {
    const { credential } = actor
    if (credential.type === 'session') return `session ${credential.id}`
    if (credential.type === 'local') return `local ${actor.userId}`
  }
  throw new AppError('forbidden', {
    detail: 'A sign-in is tried by a person in the portal; a token cannot do it.',
  })
}

export async function openTrial(
  ctx: RequestContext,
  { now, sealedTrials }: Pick<TrialDeps, 'now' | 'sealedTrials'>,
  { instance, trial: sealed }: { instance: string; trial: string },
): Promise<Trial> {
  const owner = ownerOf(ctx)
  const text = await sealedTrials.open(sealed)
  if (text === null) throw ended('is not one of this hub')
  const trial = Trial.parse(JSON.parse(text))
  if (trial.endsAt <= now()) throw ended('is older than ten minutes')
  if (trial.owner !== owner || trial.instance !== instance) throw ended('is of another session')
  return trial
}

export function ended(reason: string): AppError {
  return new AppError('login-expired', {
    detail:
      'This trial has expired, was finished before, or was begun in another session. Start again.',
    cause: new Error(`the trial ${reason}`),
  })
}
