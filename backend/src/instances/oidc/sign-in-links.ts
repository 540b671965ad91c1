import { createHmac } from 'node:crypto'
import { deriveKeys } from '#config'
import { isSameText } from '#secrets'

/** Of each instance one link that nobody guesses, which says how people sign in to its cluster. */
export type SignInLinks = {
  of(instance: string): string
  /** Tells from the link alone, so that nothing is looked up for whoever holds none. */
  isOf(instance: string, link: string): boolean
}

const lengthOf128Bits = 22

/** Made of the secrets: the first makes them, all of them are taken, and what is rotated out ends its links. */
export function createSignInLinks(secrets: readonly string[]): SignInLinks {
  const keys = deriveKeys(secrets, 'sign-in-link')
  const make = (key: Uint8Array, instance: string) =>
    createHmac('sha256', key).update(instance).digest('base64url').slice(0, lengthOf128Bits)
  return {
    of: (instance) => make(keys[0]!, instance),
    isOf: (instance, link) => keys.some((key) => isSameText(make(key, instance), link)),
  }
}
