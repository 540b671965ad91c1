import { Failure } from '../failure.ts'

/** As given, since tokens are compared with it letter by letter. Throws `usage`. */
export function checkIssuer(issuer: string): string {
  const refuse = (why: string) => new Failure('usage', `--oidc-issuer-url ${why}.`)
  // Before anything parses it: URL parsers drop what a terminal or a header would obey.
  if (/[\s"'`<>\\^{|}$;()]|[^\x21-\x7e]/.test(issuer)) {
    throw refuse('holds characters that no issuer has')
  }
  if (!URL.canParse(issuer)) throw refuse('is not an address: write https://HOST/PATH')
  const url = new URL(issuer)
  if (url.username !== '' || url.password !== '') throw refuse('must not hold a user or password')
  if (issuer.includes('?') || issuer.includes('#')) {
    throw refuse('must not hold a query or a fragment')
  }
  const isLoopback = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) return issuer
  throw refuse('must begin with https:// (http:// only on this machine)')
}
