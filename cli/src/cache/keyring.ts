import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Failure, messageOf } from '../failure.ts'

const service = 'kubectl-together_login'

/**
 * The entry as text that only a key in the system's keyring opens. Keyrings are made for passwords: Windows takes 2,560 bytes
 * of it, macOS little more, and tokens of people in many groups are longer. Throws `cache`.
 */
export async function sealEntry(key: string, entry: unknown): Promise<string> {
  const secret = randomBytes(32)
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(key))
  const body = Buffer.concat([cipher.update(JSON.stringify(entry), 'utf8'), cipher.final()])
  await ask(key, (place) => place.setPassword(secret.toString('base64')))
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')
}

/** Null where the keyring has no key of it, or another one. Throws `cache` where the keyring cannot be asked. */
export async function openSealed(key: string, sealed: string): Promise<unknown> {
  const secret = await ask(key, (place) => place.getPassword())
  if (!secret) return null
  try {
    const bytes = Buffer.from(sealed, 'base64')
    const cipher = createDecipheriv(
      'aes-256-gcm',
      Buffer.from(secret, 'base64'),
      bytes.subarray(0, 12),
    )
    cipher.setAAD(Buffer.from(key)).setAuthTag(bytes.subarray(12, 28))
    const text = Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()])
    return JSON.parse(text.toString('utf8'))
  } catch {
    return null
  }
}

export async function forgetSeal(key: string): Promise<void> {
  await ask(key, (place) => place.deletePassword())
}

type Place = {
  setPassword(secret: string): Promise<void>
  getPassword(): Promise<string | null>
  deletePassword(): Promise<boolean>
}

async function ask<T>(key: string, use: (place: Place) => Promise<T>): Promise<T> {
  try {
    const { AsyncEntry } = await import('@napi-rs/keyring')
    // Else Linux falls back to the kernel's keyring, which a reboot empties.
    return await use(new AsyncEntry(service, key, { linux: { store: 'secret-service' } }))
  } catch (cause) {
    throw new Failure(
      'cache',
      `The system keyring cannot be used (${messageOf(cause)}): unlock it, or use --token-cache-storage=disk or auto.`,
      { cause },
    )
  }
}
