import { ProviderId } from '@hub/shared'
import { EncryptJWT, jwtDecrypt } from 'jose'
import * as z from 'zod'
import { deriveKeys } from '#config'

export const loginSeconds = 600

/** What a sign-in has to remember between leaving for the provider and coming back, in this browser only. */
export const LoginTransaction = z.object({
  provider: ProviderId,
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  redirectUri: z.string(),
  returnTo: z.string(),
  /** When a new proof of who the person is was asked for; null where an older one does. */
  authenticatedAfter: z.coerce.date().nullable(),
  /** Begun again, because the person may not give the hub `offline_access`. */
  withoutOffline: z.boolean().default(false),
})
export type LoginTransaction = z.infer<typeof LoginTransaction>

export type LoginCookie = {
  seal(login: LoginTransaction): Promise<string>
  /** Null for anything the hub did not seal, or sealed more than ten minutes ago. */
  open(cookie: string): Promise<LoginTransaction | null>
}

/** The login transaction's cookie, encrypted (A256GCM), because it holds the code verifier. */
export function createLoginCookie(secrets: readonly string[], now: () => Date): LoginCookie {
  const keys = deriveKeys(secrets, 'login')
  return {
    seal(login) {
      return new EncryptJWT({
        ...login,
        authenticatedAfter: login.authenticatedAfter?.toISOString() ?? null,
      })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: 'hub-login+jwt' })
        .setIssuedAt(now())
        .setExpirationTime(new Date(now().getTime() + loginSeconds * 1000))
        .encrypt(keys[0]!)
    },
    async open(cookie) {
      for (const key of keys) {
        try {
          const { payload } = await jwtDecrypt(cookie, key, {
            keyManagementAlgorithms: ['dir'],
            contentEncryptionAlgorithms: ['A256GCM'],
            typ: 'hub-login+jwt',
            requiredClaims: ['exp'],
            currentDate: now(),
          })
          return LoginTransaction.parse(payload)
        } catch {
          // Another of the secrets may have sealed it.
        }
      }
      return null
    },
  }
}
