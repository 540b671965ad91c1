import { isLoopbackHost } from './loopback.ts'

/** An address and no more: without a user, a password, a query or a fragment. Null for what is not one. */
export function parsePlainUrl(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null
  const isPlain =
    url !== null &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === ''
  return isPlain ? url : null
}

/** One that a secret may be sent to: by https, or to this machine. */
export function parseSafeUrl(text: string): URL | null {
  const url = parsePlainUrl(text)
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname))
  return isSafe ? url : null
}
