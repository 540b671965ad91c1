import { CompactEncrypt, compactDecrypt } from 'jose'
import { deriveKeys } from '#config'

/** Keeps a provider's tokens at rest: a copy of the database alone opens none of them. */
export type SealedText = {
  seal(text: string): Promise<string>
  /** Null for what none of the keys sealed: it was rotated out, or is not ours. */
  open(sealed: string): Promise<string | null>
}

/** Encrypts with A256GCM (RFC 7516), under keys derived from the secrets; the first seals, all open. */
export function createSealedText(secrets: readonly string[]): SealedText {
  const keys = deriveKeys(secrets, 'at-rest')
  return {
    seal: (text) =>
      new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(keys[0]!),
    open: async (sealed) => {
      for (const key of keys) {
        try {
          const { plaintext } = await compactDecrypt(sealed, key, {
            keyManagementAlgorithms: ['dir'],
            contentEncryptionAlgorithms: ['A256GCM'],
          })
          return new TextDecoder().decode(plaintext)
        } catch {
          // Another of the secrets may have sealed it.
        }
      }
      return null
    },
  }
}
