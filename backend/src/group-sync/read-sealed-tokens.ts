import * as z from 'zod'
import type { LastingTokens } from '#people'
import type { SealedText } from '#secrets'

const Tokens = z.union([
  z.object({
    refreshToken: z.string(),
    sessionId: z.string().optional(),
    endsAt: z.number().optional(),
    isKept: z.literal(true).optional(),
  }),
  z.object({ accessToken: z.string() }),
])

/** Throws where none of the keys opens it, or it is nothing of ours. */
export async function readSealedTokens(
  sealedText: SealedText,
  sealed: string,
): Promise<LastingTokens> {
  const text = await sealedText.open(sealed)
  if (text === null) {
    throw new Error('kept tokens were sealed under a key that HUB_ENCRYPTION_KEY does not list')
  }
  return Tokens.parse(JSON.parse(text))
}
