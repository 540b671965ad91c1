import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const numberBytes = 6
const tagBytes = 16

/**
 * Numbers as texts that say nothing to whoever holds them: another text each time, that only this process can open. The
 * key ends with it, as do the numbers.
 */
export function createPositions() {
  const key = randomBytes(32)
  return {
    seal: (number: number): string => {
      const nonce = randomBytes(nonceBytes)
      const plain = Buffer.alloc(numberBytes)
      plain.writeUIntBE(number, 0, numberBytes)
      const cipher = createCipheriv(algorithm, key, nonce)
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
      return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url')
    },
    /** Null for what this process did not seal. */
    open: (text: string): number | null => {
      const bytes = Buffer.from(text, 'base64url')
      if (bytes.length !== nonceBytes + numberBytes + tagBytes) return null
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      })
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      try {
        const sealed = bytes.subarray(nonceBytes, -tagBytes)
        const plain = Buffer.concat([decipher.update(sealed), decipher.final()])
        return plain.readUIntBE(0, numberBytes)
      } catch {
        return null
      }
    },
  }
}
