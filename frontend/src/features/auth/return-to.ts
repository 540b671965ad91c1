/** Where to go after signing in: a path of this portal, and `/` for anything else that a link may have brought along. */
export function safeReturnTo(value: unknown): string {
  if (typeof value !== 'string' || !/^\/(?![/\\])/.test(value)) return '/'
  // A browser drops tabs and line breaks from an address, which can turn a path into another host's.
  if (/[\u0000-\u001f]/.test(value)) return '/'
  return value.startsWith('/login') || value.startsWith('/api/') ? '/' : value
}
