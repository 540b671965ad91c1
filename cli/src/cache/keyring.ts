import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Failure, messageOf } from '../failure.ts'
import type { Log } from '../log.ts'

const service = 'kubectl-together_login'
const sayAfterMs = 2_000
/** Long enough to type its password; a locked screen is waited for by nobody. */
const answerSecondsMax = 20

export type Keyring = {
  /**
   * The entry as text that only a key in the system's keyring opens. Keyrings are made for passwords: Windows takes 2,560 bytes
   * of it, macOS little more, and tokens of people in many groups are longer. Throws `cache`.
   */
  seal(key: string, entry: unknown): Promise<string>
  /** Null where the keyring has no key of it, or another one. Throws `cache` where the keyring cannot be asked. */
  open(key: string, sealed: string): Promise<unknown>
  forget(key: string): Promise<void>
}

/** One that has failed is not asked again: each question may take as long. */
export function openKeyring(log: Log): Keyring {
  let failure: Failure | null = null
  const ask = async <T>(key: string, use: (place: Place) => Promise<T>): Promise<T> => {
    if (failure) throw failure
    try {
      return await inTime(askSystem(key, use), log)
    } catch (cause) {
      failure = new Failure(
        'cache',
        `The system keyring cannot be used (${messageOf(cause)}): unlock it, or use --token-cache-storage=disk or auto.`,
        { cause },
      )
      throw failure
    }
  }
  return {
    seal: async (key, entry) => {
      const secret = randomBytes(32)
      const sealed = encrypt(key, secret, JSON.stringify(entry))
      await ask(key, (place) => place.setPassword(secret.toString('base64')))
      return sealed
    },
    open: async (key, sealed) => {
      const secret = await ask(key, (place) => place.getPassword())
      return secret ? decrypt(key, Buffer.from(secret, 'base64'), sealed) : null
    },
    forget: async (key) => {
      await ask(key, (place) => place.deletePassword())
    },
  }
}

function encrypt(key: string, secret: Buffer, text: string): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(key))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')
}

function decrypt(key: string, secret: Buffer, sealed: string): unknown {
  try {
    const bytes = Buffer.from(sealed, 'base64')
    const cipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12))
    cipher.setAAD(Buffer.from(key)).setAuthTag(bytes.subarray(12, 28))
    const text = Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()])
    return JSON.parse(text.toString('utf8'))
  } catch {
    return null
  }
}

type Place = {
  setPassword(secret: string): Promise<void>
  getPassword(): Promise<string | null>
  deletePassword(): Promise<boolean>
}

async function askSystem<T>(key: string, use: (place: Place) => Promise<T>): Promise<T> {
  const { AsyncEntry } = await import('@napi-rs/keyring')
  // Else Linux falls back to the kernel's keyring, which a reboot empties.
  return await use(new AsyncEntry(service, key, { linux: { store: 'secret-service' } }))
}

/** A keyring that is locked asks for its password in a window, as long as somebody or nobody looks at it. */
async function inTime<T>(answer: Promise<T>, log: Log): Promise<T> {
  const saying = setTimeout(
    () => log.say('Waiting for the system keyring, which may ask for its password …'),
    sayAfterMs,
  )
  let ending: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const why = new Error(`it does not answer within ${answerSecondsMax} s`)
    ending = setTimeout(() => reject(why), answerSecondsMax * 1000)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(saying)
    clearTimeout(ending)
  }
}
