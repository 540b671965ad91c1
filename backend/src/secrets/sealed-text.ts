import { createCipheriv, randomBytes } from 'node:crypto'
import { compactDecrypt } from 'jose'
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
    seal: async (text) => encrypt(text, keys[0]!),
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

const header = Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')

/** As jose writes it (RFC 7516 §5.1), without a thread for each: a hub that starts seals tens of thousands of specs. */
function encrypt(text: string, key: Uint8Array): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(header))
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))
  return `${header}..${parts.join('.')}`
}
