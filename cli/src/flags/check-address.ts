import { Failure } from '../failure.ts'

/** As given, since issuers are compared with tokens letter by letter. Throws `usage`, naming what holds it. */
export function checkAddress(address: string, name: string): string {
  const refuse = (why: string) => new Failure('usage', `${name} ${why}.`)
  // Before anything parses it: URL parsers drop what a terminal or a header would obey.
  if (/[\s"'`<>\\^{|}$;()]|[^\x21-\x7e]/.test(address)) {
    throw refuse('holds characters that no such address has')
  }
  if (!URL.canParse(address)) throw refuse('is not an address: write https://HOST/PATH')
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') throw refuse('must not hold a user or password')
  if (address.includes('?') || address.includes('#')) {
    throw refuse('must not hold a query or a fragment')
  }
  const isLoopback = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) return address
  throw refuse('must begin with https:// (http:// only on this machine)')
}
