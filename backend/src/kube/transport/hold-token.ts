import type { ClusterCredential } from '../cluster-credential.ts'

const tokensRemembered = 3

/** The credential of a transport, whose token may be replaced. */
export type HeldCredential = {
  now(): ClusterCredential
  /** Takes the token of a credential that is otherwise the same. False, and nothing changed, where more differs. */
  renew(next: ClusterCredential): boolean
  /** An API server, or a proxy before it, may repeat what it was sent. */
  redact(text: string): string
}

export function holdToken(initial: ClusterCredential): HeldCredential {
  let credential = initial
  /** Answers to what was asked with the token before may still come. */
  let tokens = initial.token === null ? [] : [initial.token]
  return {
    now: () => credential,
    renew: (next) => {
      if (next.token === null || !isSameButToken(initial, next)) return false
      credential = next
      tokens = [next.token, ...tokens].slice(0, tokensRemembered)
      return true
    },
    redact: (text) => tokens.reduce((rest, token) => rest.replaceAll(token, '[redacted]'), text),
  }
}

function isSameButToken(a: ClusterCredential, b: ClusterCredential): boolean {
  return (
    a.server === b.server &&
    a.ca === b.ca &&
    a.tlsServerName === b.tlsServerName &&
    a.proxyUrl === b.proxyUrl &&
    a.verifyTls === b.verifyTls &&
    a.clientCertificate === null &&
    b.clientCertificate === null
  )
}
