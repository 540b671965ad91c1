import { CompactEncrypt, compactDecrypt } from 'jose'
import { deriveKeys, type KeyPurpose } from '#config'

/** Text that says nothing to whoever holds it: of a provider's tokens, a copy of the database alone opens none. */
export type SealedText = {
  seal(text: string): Promise<string>
  /** Null for what none of the keys sealed: it was rotated out, or is not ours. */
  open(sealed: string): Promise<string | null>
}

/** Encrypts with A256GCM (RFC 7516), under keys derived from the secrets; the first seals, all open. */
export function createSealedText(
  secrets: readonly string[],
  purpose: KeyPurpose = 'at-rest',
): SealedText {
  const keys = deriveKeys(secrets, purpose)
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
